package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// mark is the alias of the links that the plugin makes. DEL of a chained call has a prevResult as one of a single call
// has; the mark tells whose link it is.
const mark = program

var (
	errNoNetns = errors.New("there is no network namespace")
	errNoLink  = errors.New("there is no such link")
)

// inNetns runs the steps on a thread in the namespace of the call; programs started there are in it too.
func (c *call) inNetns(steps func() error) error {
	file, err := os.Open(c.netns)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("netns %q: %w", c.netns, errNoNetns)
	}
	if err != nil {
		return fmt.Errorf("netns: %w", err)
	}
	defer file.Close()
	done := make(chan error)
	go func() {
		// Never unlocked: the thread is in another namespace and ends with this goroutine.
		runtime.LockOSThread()
		err := unix.Setns(int(file.Fd()), unix.CLONE_NEWNET)
		switch {
		case errors.Is(err, unix.EINVAL): // a leftover file with no namespace behind it
			err = fmt.Errorf("netns %q: %w", c.netns, errNoNetns)
		case err != nil:
			err = fmt.Errorf("enter netns %q: %w", c.netns, err)
		default:
			err = steps()
		}
		done <- err
	}()
	return <-done
}

// makeLink makes the link with its addresses and routes, and returns its MAC. It leaves nothing behind if it fails.
func (c *call) makeLink(addresses []netip.Prefix) (string, error) {
	missing := []string{}
	for _, variable := range []struct{ name, value string }{{"CNI_NETNS", c.netns}, {"CNI_IFNAME", c.ifname}} {
		if variable.value == "" {
			missing = append(missing, variable.name)
		}
	}
	if len(missing) > 0 {
		return "", refused(codeEnvironment, "invalid environment variables", "required env variables %v missing", missing)
	}
	mac := ""
	err := c.inNetns(func() error {
		if err := c.addLink(); err != nil {
			return err
		}
		made, err := c.setUpLink(addresses)
		if err != nil {
			_, removeErr := ip("link", "delete", "dev", c.ifname)
			return errors.Join(err, removeErr)
		}
		mac = made.MAC
		return nil
	})
	return mac, err
}

// addLink tries a dummy first; a bridge without ports is as good where the kernel has none.
func (c *call) addLink() error {
	var failures []error
	for _, kind := range []string{"dummy", "bridge"} {
		args := []string{"link", "add", "name", c.ifname}
		if mac := c.config.mac(); mac != "" {
			args = append(args, "address", mac)
		}
		_, err := ip(append(args, "type", kind)...)
		if err == nil {
			return nil
		}
		if strings.Contains(err.Error(), "File exists") {
			return refused(codeOwn, "cannot ADD", "interface %q already exists in %s", c.ifname, c.netns)
		}
		failures = append(failures, err)
	}
	return errors.Join(failures...)
}

func (c *call) setUpLink(addresses []netip.Prefix) (link, error) {
	if _, err := ip("link", "set", "dev", c.ifname, "alias", mark, "up"); err != nil {
		return link{}, err
	}
	for _, address := range addresses {
		args := []string{"address", "add", address.String(), "dev", c.ifname}
		if address.Addr().Is6() {
			args = append(args, "nodad") // a link without a carrier would never end the detection of duplicates
		}
		if _, err := ip(args...); err != nil {
			return link{}, err
		}
	}
	for _, route := range c.config.rec.Routes {
		family, err := route.family()
		if err != nil {
			return link{}, err
		}
		args := []string{family, "route", "add", route.Dst, "dev", c.ifname}
		if route.GW != "" {
			args = []string{family, "route", "add", route.Dst, "via", route.GW, "dev", c.ifname}
		}
		// A route of another network to the same place stays: the specification lets a plugin skip its own then.
		if _, err := ip(args...); err != nil && !strings.Contains(err.Error(), "File exists") {
			return link{}, err
		}
	}
	return showLink(c.ifname)
}

// removeLink removes the link if it is there and the plugin made it.
func (c *call) removeLink() error {
	if c.netns == "" || c.ifname == "" { // neither is required of a DEL
		return nil
	}
	err := c.inNetns(func() error {
		found, err := showLink(c.ifname)
		if err != nil || found.Alias != mark {
			return err
		}
		_, err = ip("link", "delete", "dev", c.ifname)
		return err
	})
	if errors.Is(err, errNoNetns) || errors.Is(err, errNoLink) {
		return nil
	}
	return err
}

// checkLink looks for the link, and for the addresses if the plugin made it.
func (c *call) checkLink() error {
	addresses, err := c.config.addresses()
	if err != nil {
		return err
	}
	return c.inNetns(func() error {
		found, err := showLink(c.ifname)
		if err != nil || found.Alias != mark {
			return err
		}
		for _, address := range addresses {
			if !slices.Contains(found.addresses(), address) {
				return fmt.Errorf("address %s is not on %s in %s", address, c.ifname, c.netns)
			}
		}
		return nil
	})
}

// link is what ip says about one.
type link struct {
	MAC   string `json:"address"`
	Alias string `json:"ifalias"`
	Info  []struct {
		Local     netip.Addr `json:"local"`
		PrefixLen int        `json:"prefixlen"`
	} `json:"addr_info"`
}

func (l link) addresses() []netip.Prefix {
	found := []netip.Prefix{}
	for _, info := range l.Info {
		found = append(found, netip.PrefixFrom(info.Local, info.PrefixLen))
	}
	return found
}

func showLink(name string) (link, error) {
	output, err := ip("-details", "-json", "address", "show", "dev", name)
	if err != nil {
		if strings.Contains(err.Error(), "does not exist") {
			return link{}, fmt.Errorf("link %q: %w", name, errNoLink)
		}
		return link{}, err
	}
	var found []link
	if err := json.Unmarshal(output, &found); err != nil {
		return link{}, fmt.Errorf("ip address show dev %s: %w", name, err)
	}
	if len(found) != 1 {
		return link{}, fmt.Errorf("ip address show dev %s: %d links", name, len(found))
	}
	return found[0], nil
}

func ip(args ...string) ([]byte, error) {
	command := exec.Command("ip", args...)
	command.Dir = "/" // a caller in a chroot has a working directory that is not in it
	command.Stdin = bytes.NewReader(nil)
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	if err := command.Run(); err != nil {
		return nil, fmt.Errorf("ip %s: %w: %s", strings.Join(args, " "), err, bytes.TrimSpace(stderr.Bytes()))
	}
	return stdout.Bytes(), nil
}
