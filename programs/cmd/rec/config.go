package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/netip"
)

// defaultLog is where calls are logged; a variable for the tests.
var defaultLog = "/var/log/plumbline-rec.jsonl"

// config is what comes on stdin. Of the keys of CNI only those that matter here.
type config struct {
	CNIVersion    string          `json:"cniVersion"`
	Name          string          `json:"name"`
	DNS           json.RawMessage `json:"dns"`
	PrevResult    json.RawMessage `json:"prevResult"`
	RuntimeConfig struct {
		IPs []string `json:"ips"`
		MAC string   `json:"mac"`
	} `json:"runtimeConfig"`
	Rec json.RawMessage `json:"rec"`
	rec rec
}

// rec is the plugin's own part of the configuration.
type rec struct {
	Log string `json:"log"`
	// Link is auto, the default (ADD makes a link, DEL removes it), or none.
	Link      string   `json:"link"`
	Addresses []string `json:"addresses"`
	MAC       string   `json:"mac"`
	Routes    []route  `json:"routes"`
	// Script says by command what to do in place of behaving.
	Script struct {
		Add     *act `json:"ADD"`
		Del     *act `json:"DEL"`
		Check   *act `json:"CHECK"`
		Status  *act `json:"STATUS"`
		GC      *act `json:"GC"`
		Version *act `json:"VERSION"`
	} `json:"script"`
}

type route struct {
	Dst string `json:"dst"`
	GW  string `json:"gw,omitempty"`
}

// act is what a script has the plugin do at a command. At most one of Result, Error and Stdout is given.
type act struct {
	Result   json.RawMessage `json:"result"`
	Error    *failure        `json:"error"`
	ExitCode *int            `json:"exitCode"`
	DelayMs  int             `json:"delayMs"`
	Stderr   string          `json:"stderr"`
	Stdout   *string         `json:"stdout"`
	// Times bounds the act to the first so many calls of a container and interface.
	Times *int `json:"times"`
	// EveryContainer counts Times over all containers.
	EveryContainer bool `json:"everyContainer"`
}

// parseConfig refuses unknown keys of its own part: a misspelt script must not look like a plugin that behaves.
func parseConfig(text []byte) (config, error) {
	var c config
	if !json.Valid(text) {
		return c, refused(codeDecode, "failed to decode content", "stdin is not JSON: %s", jsonError(text))
	}
	if err := json.Unmarshal(text, &c); err != nil {
		return c, refused(codeConfig, "invalid network config", "%v", err)
	}
	if len(c.Rec) == 0 {
		return c, nil
	}
	decoder := json.NewDecoder(bytes.NewReader(c.Rec))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&c.rec); err != nil {
		return c, refused(codeConfig, "invalid network config", "rec: %v", err)
	}
	if c.rec.Link != "" && c.rec.Link != "auto" && c.rec.Link != "none" {
		return c, refused(codeConfig, "invalid network config", `rec: link: %q is neither "auto" nor "none"`, c.rec.Link)
	}
	for _, command := range []string{"ADD", "DEL", "CHECK", "STATUS", "GC", "VERSION"} {
		if a := c.rec.act(command); a != nil && a.answers() > 1 {
			return c, refused(codeConfig, "invalid network config", "rec: script: %s: only one of result, error and stdout can be given", command)
		}
	}
	return c, nil
}

func jsonError(text []byte) error { return json.Unmarshal(text, new(any)) }

func (r *rec) act(command string) *act {
	return map[string]*act{
		"ADD": r.Script.Add, "DEL": r.Script.Del, "CHECK": r.Script.Check,
		"STATUS": r.Script.Status, "GC": r.Script.GC, "VERSION": r.Script.Version,
	}[command]
}

func (a *act) answers() int {
	count := 0
	for _, given := range []bool{a.Result != nil, a.Error != nil, a.Stdout != nil} {
		if given {
			count++
		}
	}
	return count
}

// logPath is known also for a configuration that was refused: the call must be found where the others are.
func (c *call) logPath() string {
	var lenient struct {
		Rec struct {
			Log string `json:"log"`
		} `json:"rec"`
	}
	_ = json.Unmarshal(c.stdin, &lenient)
	if lenient.Rec.Log != "" {
		return lenient.Rec.Log
	}
	return defaultLog
}

// chained is whether another plugin came first, which made the link.
func (c *config) chained() bool {
	return len(c.PrevResult) > 0 && !bytes.Equal(c.PrevResult, []byte("null"))
}

// addresses are the wanted ones: the runtime's, if it asked for any. One without a length is a host's.
func (c *config) addresses() ([]netip.Prefix, error) {
	texts := c.rec.Addresses
	if len(c.RuntimeConfig.IPs) > 0 {
		texts = c.RuntimeConfig.IPs
	}
	found := []netip.Prefix{}
	for _, text := range texts {
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			single, singleErr := netip.ParseAddr(text)
			if singleErr != nil {
				return nil, refused(codeConfig, "invalid network config", "address %q: %v", text, err)
			}
			prefix = netip.PrefixFrom(single, single.BitLen())
		}
		found = append(found, prefix)
	}
	return found, nil
}

func (c *config) mac() string {
	if c.RuntimeConfig.MAC != "" {
		return c.RuntimeConfig.MAC
	}
	return c.rec.MAC
}

// family is the word of ip for the address family of a route.
func (r route) family() (string, error) {
	prefix, err := netip.ParsePrefix(r.Dst)
	if err != nil {
		return "", fmt.Errorf("route to %q: %w", r.Dst, err)
	}
	if prefix.Addr().Is4() {
		return "-4", nil
	}
	return "-6", nil
}
