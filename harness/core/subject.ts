/** One installed thing whose version and origin every report states. */
export interface Subject {
  /** e.g. `multus`, `flannel`, `reference-plugins`, `kubernetes`, `containerd`, `plumbline-programs` */
  readonly name: string;
  readonly version: string;
  /** Set for the one that the run was asked to qualify; everything else is pinned. */
  readonly role?: "under test" | undefined;
  /**
   * Upstream's own artefact, one that this harness built from upstream's source, the project's own program, a file that the
   * user gave, or what was found in a cluster that is the user's.
   */
  readonly origin: "upstream" | "built here" | "own" | "given" | "found";
  /** Where it came from: image reference, or Go module with version. */
  readonly source: string;
  /** `sha256:...` of the image or the binary. */
  readonly digest: string;
  /** What was changed against upstream (patches, raised limits, toolchain), one line each. */
  readonly changes: readonly string[];
}
