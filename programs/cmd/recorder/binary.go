package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"plumbline.invalid/programs/internal/calls"
)

// binary is the wrapped binary: where the recorder stands in its place.
type binary struct {
	path string
	// own is the recorder's own file, to tell it from the real binary under the same name; nil if not known.
	own os.FileInfo
}

// findBinary takes the caller's argv[0] first: libcni passes the full path, and it holds in a chroot without /proc as
// well. A caller that gave some other word is told by the kernel's name for the program.
func findBinary(argv0 string) (binary, error) {
	own, ownErr := os.Stat("/proc/self/exe")
	path := argv0
	if !filepath.IsAbs(path) || ownErr == nil && !exists(path) && !exists(path+calls.RecordedSuffix) {
		var err error
		if path, err = os.Executable(); err != nil {
			return binary{}, fmt.Errorf("cannot tell where the recorder lies, argv[0] is %q: %w", argv0, err)
		}
		// What the kernel adds when the file was replaced since the start.
		path = strings.TrimSuffix(path, " (deleted)")
	}
	if ownErr != nil {
		own, _ = os.Stat(path)
	}
	return binary{path: path, own: own}, nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// real is the real binary. It may have been put back since this call began: then it has its old name.
func (b binary) real() string {
	aside := b.path + calls.RecordedSuffix
	if exists(aside) || b.own == nil {
		return aside
	}
	if now, err := os.Stat(b.path); err == nil && !os.SameFile(b.own, now) {
		return b.path
	}
	return aside
}
