package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/vishvananda/netlink"

	"plumbline.invalid/programs/internal/simvf"
)

// eventsFile keeps what must not go unnoticed: lost, and made-again.
var eventsFile = filepath.Join(simvf.Dir, "events.jsonl")

// event is one line of watch.
type event struct {
	At        string `json:"at"`
	PCI       string `json:"pci"`
	VF        int    `json:"vf"`
	Interface string `json:"interface"`
	// Event is left, returned, lost or made-again; at the start the place where the VF is.
	Event string `json:"event"`
}

// lookEvery is for what the kernel did not tell: its queue for us may have run over.
const lookEvery = time.Second

// watch runs until it is stopped, or until down.
func watch(stop context.Context, out io.Writer) error {
	changes, end := make(chan netlink.LinkUpdate, 64), make(chan struct{})
	defer close(end)
	if err := netlink.LinkSubscribeWithOptions(changes, end, netlink.LinkSubscribeOptions{
		ErrorCallback: func(error) {}, // a queue that ran over; the next look finds what it held
	}); err != nil {
		return fmt.Errorf("follow links: %w", err)
	}
	w := &watcher{out: json.NewEncoder(out), where: map[int]string{}}
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		err := locked(w.look)
		if errors.Is(err, errNotUp) && len(w.where) > 0 {
			return nil
		}
		if err != nil {
			return err
		}
		select {
		case <-stop.Done():
			return nil
		case <-tick.C:
		case _, open := <-changes:
			if !open {
				changes = nil // the clock goes on
			}
		}
	}
}

type watcher struct {
	out   *json.Encoder
	where map[int]string
}

// look compares each VF with where it was, and sets the tree right.
func (w *watcher) look() error {
	s, err := loadSettings()
	if err != nil {
		return err
	}
	for i := range s.VFs {
		if s.dpdk(i) {
			continue
		}
		where, err := locate(i)
		if err != nil {
			return err
		}
		if where == w.where[i] {
			continue
		}
		if where == "lost" {
			where, err = w.makeAgain(s, i)
		} else {
			err = errors.Join(showInterface(s.address(i), vfName(i), where == "home"), w.tell(s, i, w.verb(i, where)))
		}
		if err != nil {
			return err
		}
		w.where[i] = where
	}
	return nil
}

func (w *watcher) verb(i int, where string) string {
	switch {
	case w.where[i] == "":
		return where
	case where == "away":
		return "left"
	}
	return "returned"
}

func (w *watcher) makeAgain(s *settings, i int) (string, error) {
	if err := w.tell(s, i, "lost"); err != nil {
		return "", err
	}
	if err := makeVF(s, i); err != nil {
		return "", err
	}
	if err := showInterface(s.address(i), vfName(i), true); err != nil {
		return "", err
	}
	return "home", w.tell(s, i, "made-again")
}

func (w *watcher) tell(s *settings, i int, what string) error {
	e := event{At: time.Now().UTC().Format(time.RFC3339Nano), PCI: s.address(i), VF: i, Interface: vfName(i), Event: what}
	if what == "lost" || what == "made-again" {
		if err := simvf.AppendLine(eventsFile, e); err != nil {
			return err
		}
	}
	return w.out.Encode(e)
}
