package main

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// capabilityNames in the order of their bits, as linux/capability.h numbers them.
var capabilityNames = []string{
	"CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP",
	"LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER",
	"SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE",
	"SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP",
	"MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF",
	"CHECKPOINT_RESTORE",
}

// withheld returns the capabilities that the bounding set in the text of /proc/self/status lacks.
func withheld(status string) (map[string]bool, error) {
	for _, line := range strings.Split(status, "\n") {
		hex, found := strings.CutPrefix(line, "CapBnd:")
		if !found {
			continue
		}
		set, err := strconv.ParseUint(strings.TrimSpace(hex), 16, 64)
		if err != nil {
			return nil, fmt.Errorf("the bounding set is not a number: %w", err)
		}
		lacks := map[string]bool{}
		for bit, name := range capabilityNames {
			if set&(1<<bit) == 0 {
				lacks["CAP_"+name] = true
			}
		}
		return lacks, nil
	}
	return nil, fmt.Errorf("the process status names no bounding set")
}

// restrictSpec takes the lacking capabilities, and a negative oom score, out of the process of a bundle's config.json.
func restrictSpec(spec []byte, lacks map[string]bool) ([]byte, error) {
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(spec, &fields); err != nil {
		return nil, err
	}
	process, found := fields["process"]
	if !found {
		return spec, nil
	}
	restricted, err := restrictProcess(process, lacks)
	if err != nil {
		return nil, err
	}
	fields["process"] = restricted
	return json.Marshal(fields)
}

// restrictProcess does the same to a process document, as `runc exec --process` reads it.
func restrictProcess(process []byte, lacks map[string]bool) ([]byte, error) {
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(process, &fields); err != nil {
		return nil, err
	}
	if raw, found := fields["capabilities"]; found {
		sets := map[string][]string{}
		if err := json.Unmarshal(raw, &sets); err != nil {
			return nil, fmt.Errorf("capabilities: %w", err)
		}
		for name, set := range sets {
			sets[name] = without(set, lacks)
		}
		kept, err := json.Marshal(sets)
		if err != nil {
			return nil, err
		}
		fields["capabilities"] = kept
	}
	// A lower score than the caller's own needs CAP_SYS_RESOURCE.
	if raw, found := fields["oomScoreAdj"]; found && lacks["CAP_SYS_RESOURCE"] {
		var score int
		if err := json.Unmarshal(raw, &score); err == nil && score < 0 {
			fields["oomScoreAdj"] = json.RawMessage("0")
		}
	}
	return json.Marshal(fields)
}

func without(set []string, lacks map[string]bool) []string {
	kept := make([]string, 0, len(set))
	for _, capability := range set {
		if !lacks[capability] {
			kept = append(kept, capability)
		}
	}
	return kept
}
