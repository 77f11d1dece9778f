package simvf

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// Row is what a driver would keep of one VF. Nothing of it is enforced.
type Row struct {
	MAC       string `json:"mac"`
	Vlan      int    `json:"vlan"`
	VlanQoS   int    `json:"vlanQoS"`
	VlanProto string `json:"vlanProto"`
	MinTxRate int    `json:"minTxRate"`
	MaxTxRate int    `json:"maxTxRate"`
	SpoofChk  string `json:"spoofchk"`
	Trust     string `json:"trust"`
	LinkState string `json:"linkState"`
}

// Fresh is a VF that nobody has asked anything of.
var Fresh = Row{MAC: "00:00:00:00:00:00", VlanProto: "802.1q", SpoofChk: "on", Trust: "off", LinkState: "auto"}

// Change is one line of the history.
type Change struct {
	At  string `json:"at"`
	PCI string `json:"pci"`
	VF  int    `json:"vf"`
	// Kind is requested, or restored for what a teardown or a rollback puts back.
	Kind        string         `json:"kind"`
	ContainerID string         `json:"containerId"`
	Ifname      string         `json:"ifname"`
	Values      map[string]any `json:"values"`
}

// Table is the open table of one physical function. Its file is locked until it is closed.
type Table struct {
	lock          *os.File
	path, history string
	Rows          map[string]Row `json:"vfs"`
}

// OpenTable waits for the lock, which nobody holds longer than it takes to write two files.
func OpenTable(dir, pf string) (*Table, error) {
	t := &Table{path: TablePath(dir, pf), history: HistoryPath(dir, pf), Rows: map[string]Row{}}
	if err := os.MkdirAll(filepath.Dir(t.path), 0o755); err != nil {
		return nil, err
	}
	var err error
	if t.lock, err = os.OpenFile(t.path+".lock", os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return nil, err
	}
	if err := unix.Flock(int(t.lock.Fd()), unix.LOCK_EX); err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", t.lock.Name(), err), t.lock.Close())
	}
	content, err := os.ReadFile(t.path)
	if errors.Is(err, fs.ErrNotExist) {
		return t, nil
	}
	if err == nil {
		err = json.Unmarshal(content, t)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("table of VFs %s: %w", t.path, err), t.lock.Close())
	}
	return t, nil
}

// Close gives the lock back.
func (t *Table) Close() error { return t.lock.Close() }

// Row is the row of a VF.
func (t *Table) Row(vf int) Row {
	if row, ok := t.Rows[strconv.Itoa(vf)]; ok {
		return row
	}
	return Fresh
}

// Set writes a row and the line of the history that tells of it.
func (t *Table) Set(vf int, row Row, change Change) error {
	t.Rows[strconv.Itoa(vf)] = row
	if err := t.write(); err != nil {
		return err
	}
	change.At, change.VF = time.Now().UTC().Format(time.RFC3339Nano), vf
	return AppendLine(t.history, change)
}

// Forget takes a VF out of the table, as if nobody had ever asked anything of it; the history keeps what was.
func (t *Table) Forget(vf int) error {
	if _, there := t.Rows[strconv.Itoa(vf)]; !there {
		return nil
	}
	delete(t.Rows, strconv.Itoa(vf))
	return t.write()
}

func (t *Table) write() error {
	content, err := json.MarshalIndent(t, "", "  ")
	if err != nil {
		return err
	}
	return WriteFile(t.path, append(content, '\n'), 0o644)
}

// WriteFile replaces a file at once, so that a reader never sees half of it.
func WriteFile(path string, content []byte, mode fs.FileMode) error {
	temporary := fmt.Sprintf("%s.%d", path, os.Getpid())
	if err := os.WriteFile(temporary, content, mode); err != nil {
		return err
	}
	if err := os.Rename(temporary, path); err != nil {
		return errors.Join(err, os.Remove(temporary))
	}
	return nil
}

// AppendLine adds a value as one line of JSON, in one write.
func AppendLine(path string, value any) error {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	_, err = file.Write(text.Bytes())
	return errors.Join(err, file.Close())
}
