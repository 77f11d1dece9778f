package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
)

// session is what one process made and runs.
type session struct {
	mu sync.Mutex
	// ended is set when nothing may be started any more.
	ended  bool
	netns  map[string]bool // paths
	groups map[int]bool    // process groups that may have members
	// prefix begins the names of this process's namespaces.
	prefix string
	made   int
	// recorders are files that were looked at: whether they are the recorder.
	recorders map[file]bool
}

func newSession() *session {
	return &session{netns: map[string]bool{}, groups: map[int]bool{}, recorders: map[file]bool{}, prefix: namePrefix()}
}

// request is what every request has.
type request struct {
	ID json.RawMessage `json:"id"`
	Op string          `json:"op"`
}

// answer is one of an operation; the session adds what every answer has.
type answer interface{ identify(id json.RawMessage) }

type head struct {
	ID    json.RawMessage `json:"id"`
	Error string          `json:"error,omitempty"`
}

func (h *head) identify(id json.RawMessage) { h.ID = id }

// serve answers until the input ends. Lines are of any length: results and inputs of plugins are in them.
func (s *session) serve(in io.Reader, out io.Writer) error {
	reader := bufio.NewReaderSize(in, 64*1024)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for {
		line, err := reader.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			if err := encoder.Encode(s.answer(line)); err != nil {
				return fmt.Errorf("write an answer: %w", err)
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read a request: %w", err)
		}
	}
}

func (s *session) answer(line []byte) answer {
	var r request
	err := json.Unmarshal(line, &r)
	var a answer
	if err != nil {
		err = fmt.Errorf("the line is no request: %w", err)
	} else {
		a, err = s.perform(r.Op, line)
	}
	if err != nil {
		a = &head{Error: err.Error()}
	}
	a.identify(r.ID)
	return a
}

func (s *session) perform(op string, line []byte) (answer, error) {
	switch op {
	case "netns-add":
		return decoded(line, s.netnsAdd)
	case "netns-delete":
		return decoded(line, s.netnsDelete)
	case "call":
		return decoded(line, s.call)
	case "exec":
		return decoded(line, s.exec)
	case "chain":
		return decoded(line, s.chain)
	case "parallel":
		return decoded(line, s.parallel)
	}
	return nil, fmt.Errorf("unknown op %q", op)
}

// decoded runs an operation with its request. Unknown keys are refused: a misspelt one would change what is tested.
func decoded[R any](line []byte, operation func(R) (answer, error)) (answer, error) {
	var r R
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&r); err != nil {
		return nil, fmt.Errorf("request: %w", err)
	}
	return operation(r)
}

type parallelRequest struct {
	request
	Requests []json.RawMessage `json:"requests"`
}

type parallelAnswer struct {
	head
	Answers []answer `json:"answers"`
}

func (s *session) parallel(r parallelRequest) (answer, error) {
	answers := make([]answer, len(r.Requests))
	var wait sync.WaitGroup
	for i, one := range r.Requests {
		wait.Go(func() { answers[i] = s.answer(one) })
	}
	wait.Wait()
	return &parallelAnswer{Answers: answers}, nil
}

// end kills what still runs and deletes the namespaces. Nothing starts after it.
func (s *session) end() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	for group := range s.groups {
		kill(group)
	}
	var failures []error
	for path := range s.netns {
		failures = append(failures, s.deleteNetns(path))
	}
	return errors.Join(failures...)
}
