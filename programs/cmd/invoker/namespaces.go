package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// netnsDir is where ip keeps named network namespaces.
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
	if err := ip("netns", "add", name); err != nil {
		return nil, err
	}
	s.netns[path] = true
	if err := ip("-netns", name, "link", "set", "dev", "lo", "up"); err != nil {
		return nil, errors.Join(err, s.deleteNetns(path))
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, errors.Join(err, s.deleteNetns(path))
	}
	return &netnsAnswer{Path: path, Name: name, Inode: info.Sys().(*syscall.Stat_t).Ino}, nil
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
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		if err := ip("netns", "delete", filepath.Base(path)); err != nil {
			return err
		}
	}
	delete(s.netns, path)
	return nil
}

func ip(args ...string) error {
	if output, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("ip %s: %w: %s", strings.Join(args, " "), err, bytes.TrimSpace(output))
	}
	return nil
}
