package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// sysctlPaths are the settings that CNI plugins change, below /proc/sys/net. `*` is an interface.
var sysctlPaths = []string{
	"ipv4/ip_forward",
	"ipv4/conf/*/accept_local",
	"ipv4/conf/*/arp_announce",
	"ipv4/conf/*/arp_filter",
	"ipv4/conf/*/arp_ignore",
	"ipv4/conf/*/arp_notify",
	"ipv4/conf/*/forwarding",
	"ipv4/conf/*/proxy_arp",
	"ipv4/conf/*/route_localnet",
	"ipv4/conf/*/rp_filter",
	"ipv6/conf/*/accept_dad",
	"ipv6/conf/*/accept_ra",
	"ipv6/conf/*/disable_ipv6",
	"ipv6/conf/*/forwarding",
	"ipv6/conf/*/keep_addr_on_down",
	"ipv6/conf/*/ndisc_notify",
	"bridge/bridge-nf-call-iptables",
	"bridge/bridge-nf-call-ip6tables",
}

// readSysctls reads the settings of the calling thread's network namespace: /proc/sys/net follows the reader.
func (r *reading) readSysctls(part string) map[string]string {
	found := map[string]string{}
	for _, family := range []string{"ipv4", "ipv6"} {
		entries, err := os.ReadDir("/proc/sys/net/" + family + "/conf")
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			r.fail(part, err)
		}
		for _, path := range sysctlPaths {
			if !strings.HasPrefix(path, family+"/conf/") {
				continue
			}
			for _, entry := range entries {
				readSysctl(found, strings.Replace(path, "*", entry.Name(), 1))
			}
		}
	}
	for _, path := range sysctlPaths {
		if !strings.Contains(path, "*") {
			readSysctl(found, path)
		}
	}
	return found
}

// readSysctl leaves out a setting that the kernel does not have, or whose interface went away meanwhile.
func readSysctl(found map[string]string, path string) {
	if content, err := os.ReadFile(filepath.Join("/proc/sys/net", path)); err == nil {
		found["net/"+path] = strings.TrimSpace(string(content))
	}
}
