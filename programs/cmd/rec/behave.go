package main

import (
	"encoding/json"
	"net/netip"
	"slices"
	"strings"
)

// versions are the versions of CNI whose results the plugin can write; newest is the last of them.
var versions = []string{"0.3.0", "0.3.1", "0.4.0", "1.0.0", newest}

const newest = "1.1.0"

type result struct {
	CNIVersion string          `json:"cniVersion"`
	Interfaces []iface         `json:"interfaces"`
	IPs        []address       `json:"ips"`
	Routes     []route         `json:"routes"`
	DNS        json.RawMessage `json:"dns,omitempty"`
}

type iface struct {
	Name    string `json:"name"`
	MAC     string `json:"mac,omitempty"`
	Sandbox string `json:"sandbox"`
}

type address struct {
	// Version is of the results before 1.0.0.
	Version   string `json:"version,omitempty"`
	Address   string `json:"address"`
	Interface int    `json:"interface"`
}

// behave does what a plugin does at the command, and returns what it would print. `printed` is false when a script
// prints something else: then the configuration may be of a version whose results the plugin cannot write.
func (c *call) behave(printed bool) (any, error) {
	switch c.command {
	case "ADD":
		return c.add(printed)
	case "DEL":
		if c.config.rec.Link == "none" {
			return nil, nil
		}
		return nil, c.removeLink()
	case "CHECK":
		if c.config.rec.Link == "none" {
			return nil, nil
		}
		return nil, c.checkLink()
	case "VERSION":
		return map[string]any{"cniVersion": newest, "supportedVersions": versions}, nil
	case "STATUS", "GC":
		return nil, nil
	}
	return nil, refused(codeEnvironment, "invalid environment variables", "unknown CNI_COMMAND %q", c.command)
}

func (c *call) add(printed bool) (any, error) {
	if c.config.chained() {
		return c.config.PrevResult, nil
	}
	if printed && !slices.Contains(versions, c.config.CNIVersion) {
		return nil, refused(codeVersion, "incompatible CNI versions", "config is %q, plugin supports %q", c.config.CNIVersion, versions)
	}
	addresses, err := c.config.addresses()
	if err != nil {
		return nil, err
	}
	mac := c.config.mac()
	if c.config.rec.Link != "none" {
		if mac, err = c.makeLink(addresses); err != nil {
			return nil, err
		}
	}
	return c.result(mac, addresses), nil
}

func (c *call) result(mac string, addresses []netip.Prefix) result {
	r := result{
		CNIVersion: c.config.CNIVersion, Interfaces: []iface{{c.ifname, mac, c.netns}}, IPs: []address{},
		Routes: c.config.rec.Routes, DNS: c.config.DNS,
	}
	if r.Routes == nil {
		r.Routes = []route{}
	}
	for _, prefix := range addresses {
		version := ""
		if strings.HasPrefix(r.CNIVersion, "0.") {
			version = "4"
			if prefix.Addr().Is6() {
				version = "6"
			}
		}
		r.IPs = append(r.IPs, address{Version: version, Address: prefix.String()})
	}
	return r
}
