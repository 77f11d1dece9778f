package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// netnsDir is where container runtimes mount network namespaces, and the only place where the Multus daemon sees them
// from inside its container. They are mounted as a runtime does it, not by `ip netns add`: its first one mounts this
// folder onto itself, and from then on every sandbox is mounted there twice and outlives its pod.
const netnsDir = "/run/netns"

// namePrefix tells the namespaces of this process from those of one that had its process ID before it.
func namePrefix() string {
	return fmt.Sprintf("plinv-%d-%s-", os.Getpid(), strconv.FormatInt(time.Now().UnixNano(), 36))
}

type netnsAnswer struct {
	head
	Path  string `json:"path"`
	Name  string `json:"name"`
	Inode uint64 `json:"inode"`
}

func (s *session) netnsAdd(request) (answer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return nil, errEnded
	}
	s.made++
	name := s.prefix + strconv.Itoa(s.made)
	path := filepath.Join(netnsDir, name)
	if err := makeNetns(path); err != nil {
		return nil, fmt.Errorf("make network namespace %s: %w", path, err)
	}
	s.netns[path] = true
	info, err := os.Stat(path)
	if err != nil {
		return nil, errors.Join(err, s.deleteNetns(path))
	}
	return &netnsAnswer{Path: path, Name: name, Inode: info.Sys().(*syscall.Stat_t).Ino}, nil
}

// makeNetns makes a namespace with its loopback up and mounts it at a path. Nothing is left of one that failed.
func makeNetns(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL, 0o444)
	if err != nil {
		return err
	}
	file.Close()
	failed := make(chan error)
	go func() {
		// Never unlocked: the thread is in the new namespace and ends with this goroutine.
		runtime.LockOSThread()
		failed <- mountNetns(path)
	}()
	if err := <-failed; err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

func mountNetns(path string) error {
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		return err
	}
	if output, err := exec.Command("ip", "link", "set", "dev", "lo", "up").CombinedOutput(); err != nil {
		return fmt.Errorf("ip link set dev lo up: %w: %s", err, bytes.TrimSpace(output))
	}
	return unix.Mount("/proc/thread-self/ns/net", path, "", unix.MS_BIND, "")
}

type netnsDeleteRequest struct {
	request
	Path string `json:"path"`
}

func (s *session) netnsDelete(r netnsDeleteRequest) (answer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.netns[r.Path] {
		return nil, fmt.Errorf("delete network namespace %q: this session did not make it, or deleted it before", r.Path)
	}
	return &head{}, s.deleteNetns(r.Path)
}

// deleteNetns is called with the lock held. A namespace that something else deleted is as good.
func (s *session) deleteNetns(path string) error {
	// EINVAL: nothing is mounted there any more.
	if err := unix.Unmount(path, unix.MNT_DETACH); err != nil && !errors.Is(err, unix.ENOENT) && !errors.Is(err, unix.EINVAL) {
		return fmt.Errorf("unmount %s: %w", path, err)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	delete(s.netns, path)
	return nil
}
