package main

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"unicode/utf8"
)

// fileTrees are the places where CNI plugins, Multus and the runtime keep files of pods. Of the CNI configuration
// only names and hashes are read, since a kubeconfig with a token lies there.
var fileTrees = []struct {
	path    string
	content bool
}{
	{"/var/lib/cni", true},
	{"/run/cni-ipam-state", true},
	{"/run/cni", true},
	{"/run/k8s.cni.cncf.io", true},
	{"/etc/cni/net.d", false},
}

type fileEntry struct {
	Path string `json:"path"`
	// Type is file, directory, link or other (a socket, a pipe).
	Type string `json:"type"`
	Mode string `json:"mode"`
	Size int64  `json:"size"`
	// SHA256 is of the whole file, also when its content is not here or cut.
	SHA256        string  `json:"sha256,omitempty"`
	Content       *string `json:"content,omitempty"`
	ContentBase64 string  `json:"contentBase64,omitempty"`
	Truncated     bool    `json:"truncated,omitempty"`
	Target        string  `json:"target,omitempty"`
}

func (r *reading) readFiles() {
	found := []fileEntry{}
	left := r.options.totalCap
	cut := 0
	for _, tree := range fileTrees {
		root := filepath.Join("/", r.options.root, tree.path)
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) { // a tree that is not here, or a file that went away while walking
				return nil
			}
			if err != nil {
				r.fail("files", err)
				return nil
			}
			limit := int64(0)
			if tree.content {
				limit = min(r.options.fileCap, left)
			}
			item, err := readFile(path, entry, limit, tree.content)
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err != nil {
				r.fail("files", err)
				return nil
			}
			if item.Content != nil {
				left -= int64(len(*item.Content))
			}
			left -= int64(len(item.ContentBase64))
			if item.Truncated {
				cut++
			}
			item.Path = filepath.Join("/", path[len(filepath.Join("/", r.options.root)):])
			found = append(found, item)
			return nil
		})
		if err != nil {
			r.fail("files", err)
		}
	}
	if cut > 0 {
		r.fail("files", fmt.Errorf("the content of %d files was cut: at most %d bytes a file and %d in all are kept", cut, r.options.fileCap, r.options.totalCap))
	}
	r.set(func() { r.doc.Files = found })
}

func readFile(path string, entry fs.DirEntry, limit int64, content bool) (fileEntry, error) {
	info, err := entry.Info()
	if err != nil {
		return fileEntry{}, err
	}
	item := fileEntry{Mode: fmt.Sprintf("%04o", info.Mode().Perm()), Size: info.Size()}
	switch {
	case info.IsDir():
		item.Type, item.Size = "directory", 0
		return item, nil
	case info.Mode()&fs.ModeSymlink != 0:
		item.Type = "link"
		item.Target, err = os.Readlink(path)
		return item, err
	case !info.Mode().IsRegular():
		item.Type = "other"
		return item, nil
	}
	item.Type = "file"
	file, err := os.Open(path)
	if err != nil {
		return item, err
	}
	defer file.Close()
	hash := sha256.New()
	head, err := io.ReadAll(io.TeeReader(io.LimitReader(file, limit), hash))
	if err != nil {
		return item, err
	}
	rest, err := io.Copy(hash, file)
	if err != nil {
		return item, err
	}
	item.Size = int64(len(head)) + rest
	item.SHA256 = hex.EncodeToString(hash.Sum(nil))
	if !content {
		return item, nil
	}
	item.Truncated = rest > 0
	if utf8.Valid(head) {
		text := string(head)
		item.Content = &text
	} else {
		item.ContentBase64 = base64.StdEncoding.EncodeToString(head)
	}
	return item, nil
}
