/** What a suite is written in. Suites import this file and Chai, nothing else. */
export { suite, testCase, type CaseContext, type CaseDefinition } from "./define.ts";
export { network, type Ipam, type LiveNetwork, type NetworkDeclaration } from "./declare-network.ts";
export { pod, type AnnotationForm, type AttachmentRequest, type PodDeclaration } from "./declare-pod.ts";
export type { LiveAttachment, TestPod } from "./test-pod.ts";
export type { PodSeen } from "./pod-seen.ts";
export type { KernelLink, KernelRoute, Lease } from "../verdicts/pod-observation.ts";
