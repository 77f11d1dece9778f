package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

var errEnded = errors.New("the session has ended")

// job is a program to run.
type job struct {
	path  string
	argv  []string
	env   []string
	stdin []byte
	// netns is the path of the network namespace to run in; empty for the node's own.
	netns   string
	timeout time.Duration
}

// outcome is how it went.
type outcome struct {
	// ExitCode is -1 for a program that a signal ended.
	ExitCode   int    `json:"exitCode"`
	Signal     string `json:"signal,omitempty"`
	Stdout     string `json:"stdout"`
	Stderr     string `json:"stderr"`
	DurationMs int64  `json:"durationMs"`
	TimedOut   bool   `json:"timedOut"`
}

const defaultTimeoutMs = 30_000

func timeoutOf(ms int) time.Duration {
	if ms <= 0 {
		ms = defaultTimeoutMs
	}
	return time.Duration(ms) * time.Millisecond
}

// run runs the job to its end. An error means that it could not be started.
func (s *session) run(j job) (outcome, error) {
	var found outcome
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		// A child is forked from this thread, hence in its namespace, and is killed with it: the thread lasts as long.
		runtime.LockOSThread()
		if err = enter(j.netns); err == nil {
			found, err = s.runHere(j)
		}
		if j.netns == "" { // a thread in another namespace must end with this goroutine
			runtime.UnlockOSThread()
		}
	}()
	<-done
	return found, err
}

func enter(netns string) error {
	if netns == "" {
		return nil
	}
	file, err := os.Open(netns)
	if err != nil {
		return fmt.Errorf("network namespace: %w", err)
	}
	defer file.Close()
	if err := unix.Setns(int(file.Fd()), unix.CLONE_NEWNET); err != nil {
		return fmt.Errorf("enter network namespace %s: %w", netns, err)
	}
	return nil
}

func (s *session) runHere(j job) (outcome, error) {
	var stdout, stderr bytes.Buffer
	command := &exec.Cmd{
		Path: j.path, Args: j.argv, Env: j.env, Stdin: bytes.NewReader(j.stdin), Stdout: &stdout, Stderr: &stderr, Dir: "/",
		SysProcAttr: &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL},
		// A child of the program that left the group can hold the pipes open for ever.
		WaitDelay: j.timeout,
	}
	began := time.Now()
	if err := s.start(command); err != nil {
		return outcome{}, err
	}
	group := command.Process.Pid
	var timedOut atomic.Bool
	timer := time.AfterFunc(j.timeout, func() {
		timedOut.Store(true)
		kill(group)
	})
	err := command.Wait()
	timer.Stop()
	s.forget(group)
	found := outcome{
		ExitCode: command.ProcessState.ExitCode(), Stdout: stdout.String(), Stderr: stderr.String(),
		DurationMs: time.Since(began).Milliseconds(), TimedOut: timedOut.Load() || errors.Is(err, exec.ErrWaitDelay),
	}
	if status := command.ProcessState.Sys().(syscall.WaitStatus); status.Signaled() {
		found.Signal = unix.SignalName(status.Signal())
	}
	return found, nil
}

// start holds the lock, so that a session that ends meanwhile knows of the child.
func (s *session) start(command *exec.Cmd) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return errEnded
	}
	if err := command.Start(); err != nil {
		return err
	}
	s.groups[command.Process.Pid] = true
	return nil
}

// forget strikes a group off unless the program left something running in it.
func (s *session) forget(group int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if syscall.Kill(-group, 0) != nil {
		delete(s.groups, group)
	}
}

func kill(group int) { _ = syscall.Kill(-group, syscall.SIGKILL) }
