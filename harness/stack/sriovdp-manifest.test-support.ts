/** As much of the manifest of upstream's device plugin as our patches ask for; upstream-device-plugin.host.test.ts has the real one. */
export const SRIOVDP_MANIFEST = `
apiVersion: v1
kind: ServiceAccount
metadata: { name: sriov-device-plugin, namespace: kube-system }
---
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: kube-sriov-device-plugin, namespace: kube-system, labels: { app: sriovdp } }
spec:
  template:
    metadata: { labels: { app: sriovdp } }
    spec:
      hostNetwork: true
      containers:
        - name: kube-sriovdp
          image: a:latest
          resources: { requests: { cpu: 250m } }
          volumeMounts: [{ name: config-volume, mountPath: /etc/pcidp }]
      volumes: [{ name: config-volume, configMap: { name: sriovdp-config } }]
`;
