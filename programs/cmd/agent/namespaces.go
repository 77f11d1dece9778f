package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sort"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// nsfsMagic is the type of a file system that namespaces live on: a name that is not on it is a leftover file.
const nsfsMagic = 0x6e736673

// namespace is one name in the folder of named network namespaces.
type namespace struct {
	Name  string `json:"name"`
	Path  string `json:"path"`
	Inode uint64 `json:"inode"`
	// Cookie is the kernel's own number of the namespace, which it never gives twice; inodes it uses again. Empty where
	// the kernel has none (before 5.14).
	Cookie string `json:"cookie,omitempty"`
	// Mounted is false for a name without a namespace behind it; then there is nothing inside.
	Mounted bool `json:"mounted"`
	networkTables
}

// inside tells of which namespaces the inside is read: it takes two processes each.
type inside struct {
	all     bool
	podUIDs map[string]bool
}

func parseInside(words string) inside {
	switch words {
	case "all":
		return inside{all: true}
	case "none", "":
		return inside{}
	}
	uids := map[string]bool{}
	for _, uid := range strings.Split(words, ",") {
		uids[uid] = true
	}
	return inside{podUIDs: uids}
}

// insideOf tells by the name of a namespace whether its inside is wanted. It waits for the sandboxes where they decide.
func (r *reading) insideOf() func(name string) bool {
	wanted := r.options.inside
	if len(wanted.podUIDs) == 0 {
		return func(string) bool { return wanted.all }
	}
	<-r.sandboxesRead
	names := map[string]bool{}
	r.set(func() {
		for _, s := range r.doc.Sandboxes {
			if wanted.podUIDs[s.PodUID] && s.NetnsPath != "" {
				names[filepath.Base(s.NetnsPath)] = true
			}
		}
	})
	return func(name string) bool { return names[name] }
}

func (r *reading) readNamespaces() {
	isWanted := r.insideOf()
	entries, err := os.ReadDir(r.options.netnsDir)
	if errors.Is(err, fs.ErrNotExist) { // no namespace was ever named here
		entries, err = nil, nil
	}
	if err != nil {
		r.fail("namespaces", err)
	}
	found := make([]namespace, len(entries))
	var wait sync.WaitGroup
	for i, entry := range entries {
		path := filepath.Join(r.options.netnsDir, entry.Name())
		found[i] = namespace{Name: entry.Name(), Path: path}
		wait.Go(func() { r.readNamespace(&found[i], isWanted(found[i].Name)) })
	}
	wait.Wait()
	sort.Slice(found, func(a, b int) bool { return found[a].Name < found[b].Name })
	r.set(func() { r.doc.Namespaces = found })
}

func (r *reading) readNamespace(n *namespace, withInside bool) {
	file, err := os.Open(n.Path)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			r.fail("namespaces", fmt.Errorf("namespace %s: %w", n.Name, err))
		}
		return // it went away between the listing and now: not mounted
	}
	defer file.Close()
	var stat unix.Statfs_t
	if err := unix.Fstatfs(int(file.Fd()), &stat); err != nil {
		r.fail("namespaces", fmt.Errorf("namespace %s: %w", n.Name, err))
		return
	}
	if info, err := file.Stat(); err == nil {
		n.Inode = info.Sys().(*syscall.Stat_t).Ino
	}
	if int64(stat.Type) != nsfsMagic {
		return
	}
	n.Mounted = true
	done := make(chan struct{})
	go func() {
		defer close(done)
		// Never unlocked: the thread is in another namespace and ends with this goroutine.
		runtime.LockOSThread()
		if err := unix.Setns(int(file.Fd()), unix.CLONE_NEWNET); err != nil {
			r.fail("namespaces", fmt.Errorf("enter namespace %s: %w", n.Name, err))
			return
		}
		n.Cookie = netnsCookie()
		if !withInside {
			return
		}
		r.readTables(" in namespace "+n.Name, &n.networkTables)
		n.Sysctls = r.readSysctls("sysctls in namespace " + n.Name)
	}()
	<-done
}

// netnsCookie is the number of the network namespace that the calling thread is in.
func netnsCookie() string {
	socket, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return ""
	}
	defer unix.Close(socket)
	cookie, err := unix.GetsockoptUint64(socket, unix.SOL_SOCKET, unix.SO_NETNS_COOKIE)
	if err != nil {
		return ""
	}
	return strconv.FormatUint(cookie, 10)
}

func inodeOf(path string) (uint64, error) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	return info.Sys().(*syscall.Stat_t).Ino, nil
}
