/** What a suite is written in. Suites import this file and Chai, nothing else. */
export { suite, testCase, type CaseContext, type CaseDefinition, type CaseKube } from "./define.ts";
export { together } from "./claim.ts";
export {
  customNetwork,
  emptyNetwork,
  network,
  RESOURCE_NAME,
  type Ipam,
  type ListConfig,
  type LiveNetwork,
  type NetworkDeclaration,
} from "./declare-network.ts";
export { scriptedNetwork, scriptedPlugin, type PluginScript, type ScriptedAct } from "./scripted-network.ts";
export { pod, type AnnotationForm, type AttachmentRequest, type PodDeclaration } from "./declare-pod.ts";
export type { LiveAttachment, PodOutcome, TestPod } from "./test-pod.ts";
export type { CaseNetwork } from "./case-network.ts";
export type { CaseNode, Said } from "./case-node.ts";
export type { ChainRan, Invoker, PluginInvocation, Ran, ScratchNamespace } from "../nodes/invoker.ts";
export type { PluginCall } from "../nodes/plugin-calls.ts";
export type { PodSeen } from "./pod-seen.ts";
export type { KernelLink, KernelRoute, Lease } from "../verdicts/pod-observation.ts";
export { BareContainer, inShort, type CallChange, type PluginAnswer } from "./bare-container.ts";
export { BareMultus, kubernetesArgs, type BareAttachment, type InPlaceOf, type MultusKeys } from "./bare-multus.ts";
export { daemonConfiguration, MultusDaemon } from "./multus-daemon.ts";
export { SecondDaemon } from "./second-daemon.ts";
export { anyNode, nodeOf } from "./node-of.ts";
export { pluginConfigs, type AskedPlugins } from "./asked-plugins.ts";
export type { PluginConfigs } from "./reference-plugins.ts";
export { exchangeDatagrams, type End, type Sending } from "./datagrams.ts";
export { NetworkEnds, REACH_TARGETS, type ReachTarget } from "./network-ends.ts";
export { loseEntry, ofNetwork, readWhereabouts } from "./whereabouts.ts";
export { WhereaboutsDaemon } from "./whereabouts-daemon.ts";
export { givenAddresses, PooledContainer } from "./pooled-container.ts";
export { poolName, reservationName, type PoolEntry, type WhereaboutsStore } from "../net/whereabouts-store.ts";
export { dhcpMessages, dhcpServer, type DhcpLeases, type DhcpMessage } from "./dhcp-server.ts";
export { FRESH_ROW, NodeVfs, type DeviceGrant, type HomeLink, type VfEvent, type VfRow } from "./node-vfs.ts";
export type { SimulatedVf } from "../nodes/simvf.ts";
export {
  POOL_DPDK,
  bringUp,
  environmentName,
  resourceOf,
  toldDevices,
  VF_MTU,
  POOL_A,
  POOL_B,
  VirtualFunctions,
  virtualFunctionsOf,
} from "./virtual-functions.ts";
