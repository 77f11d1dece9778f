package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"plumbline.invalid/programs/internal/calls"
)

// Variables for the tests.
var (
	recorderPath = "/opt/plumbline/bin/recorder"
	callsFolder  = calls.Folder
)

// runPlugin runs a plugin that the recorder stands in front of without it, and writes the call down as it would: that
// spares a process each. What the plugin calls itself, an IPAM plugin say, goes through the recorder as ever.
func (s *session) runPlugin(j job) (outcome, error) {
	real := s.behindRecorder(j.path)
	if real == "" {
		return s.run(j)
	}
	line := calls.Begin(filepath.Base(j.path), j.env, j.stdin, time.Now())
	direct := j
	direct.path = real
	found, err := s.run(direct)
	if err != nil {
		return s.run(j) // it may just have been put back
	}
	code := found.ExitCode
	if signal := unix.SignalNum(found.Signal); signal != 0 {
		code = 128 + int(signal) // as the recorder has it
	}
	if err := line.EndIn(callsFolder, []byte(found.Stdout), []byte(found.Stderr), code); err != nil {
		fmt.Fprintf(os.Stderr, "invoker: write down a call: %v\n", err)
	}
	return found, nil
}

// behindRecorder is the real binary of one that nothing but the recorder stands in front of; empty for any other. A
// planted fault is in front of the recorder, and what a rollout puts in the recorder's place is the real one again.
func (s *session) behindRecorder(path string) string {
	real := path + calls.RecordedSuffix
	if !exists(real) || exists(path+calls.PlantedSuffix) || !s.isRecorder(path) {
		return ""
	}
	return real
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// file tells a file from what lay at the same path before and after it.
type file struct {
	dev, inode uint64
	size       int64
	changed    time.Time
}

func (s *session) isRecorder(path string) bool {
	info, err := os.Stat(path)
	if err != nil {
		return false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return false
	}
	key := file{uint64(stat.Dev), stat.Ino, info.Size(), info.ModTime()}
	s.mu.Lock()
	defer s.mu.Unlock()
	is, known := s.recorders[key]
	if !known {
		is = sameContent(path, recorderPath)
		s.recorders[key] = is
	}
	return is
}

func sameContent(a, b string) bool {
	one, err := os.ReadFile(a)
	if err != nil {
		return false
	}
	other, err := os.ReadFile(b)
	return err == nil && bytes.Equal(one, other)
}
