// Command runc-restricted is an OCI runtime for hosts whose bounding set lacks capabilities, as inside another container.
//
// There runc refuses a privileged container, since it asks for every capability that the kernel knows. This program takes
// what the host withholds out of the container's specification, and then becomes runc. It only ever asks for less.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

func main() {
	if err := restrict(os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "runc-restricted: %v\n", err)
		os.Exit(1)
	}
	runc, err := findRunc()
	if err != nil {
		fmt.Fprintf(os.Stderr, "runc-restricted: %v\n", err)
		os.Exit(1)
	}
	err = syscall.Exec(runc, append([]string{"runc"}, os.Args[1:]...), os.Environ())
	fmt.Fprintf(os.Stderr, "runc-restricted: cannot become %s: %v\n", runc, err)
	os.Exit(1)
}

func restrict(args []string) error {
	command := parseCommand(args)
	var file string
	edit := restrictSpec
	switch command.verb {
	case "create", "run", "restore":
		file = filepath.Join(command.bundle, "config.json")
	case "exec":
		file, edit = command.process, restrictProcess
	}
	if file == "" {
		return nil
	}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return err
	}
	lacks, err := withheld(string(status))
	if err != nil || len(lacks) == 0 {
		return err
	}
	before, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	after, err := edit(before, lacks)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	// In place, not by rename: a process file may be handed over as /proc/self/fd/N or lie in a directory that is not ours.
	return os.WriteFile(file, after, 0o600)
}

func findRunc() (string, error) {
	if path, err := exec.LookPath("runc"); err == nil {
		return path, nil
	}
	for _, path := range []string{"/usr/sbin/runc", "/usr/local/sbin/runc", "/usr/bin/runc"} {
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("there is no runc on this host")
}
