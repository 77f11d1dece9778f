/** One installed thing whose version and origin every report states. */
export interface Subject {
  /** e.g. `multus`, `flannel`, `reference-plugins`, `kubernetes`, `containerd`, `plumbline-programs` */
  readonly name: string;
  readonly version: string;
  /** Upstream's own artefact, one that this harness built from upstream's source, or the project's own program. */
  readonly origin: "upstream" | "built here" | "own";
  /** Where it came from: image reference, or Go module with version. */
  readonly source: string;
  /** `sha256:...` of the image or the binary. */
  readonly digest: string;
  /** What was changed against upstream (patches, raised limits, toolchain), one line each. */
  readonly changes: readonly string[];
}
