/** Where kubelet's runtime looks for plugins, and where for networks: the first of them by name is the one it uses. */
export const CNI_BIN_DIR = "/opt/cni/bin";
export const CNI_CONF_DIR = "/etc/cni/net.d";
