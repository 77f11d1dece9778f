package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/containernetworking/cni/pkg/types"

	"plumbline.invalid/programs/internal/simvf"
)

// config is the network configuration with the keys of sriov-cni. A key that is not given leaves the VF as it is.
//
// @source sriov-cni, docs/configuration-reference.md; mtu is ours
type config struct {
	types.NetConf
	DeviceID      string  `json:"deviceID"`
	Vlan          *int    `json:"vlan"`
	VlanQoS       *int    `json:"vlanQoS"`
	VlanProto     *string `json:"vlanProto"`
	MAC           string  `json:"mac"`
	MinTxRate     *int    `json:"min_tx_rate"`
	MaxTxRate     *int    `json:"max_tx_rate"`
	SpoofChk      string  `json:"spoofchk"`
	Trust         string  `json:"trust"`
	LinkState     string  `json:"link_state"`
	MTU           int     `json:"mtu"`
	RuntimeConfig struct {
		MAC string `json:"mac"`
	} `json:"runtimeConfig"`
}

// envArgs are the CNI_ARGS that count here; a runtime may give others.
type envArgs struct {
	types.CommonArgs
	MAC types.UnmarshallableString `json:"mac,omitempty"`
}

// badConfig is the error of a configuration that cannot be met, in sriov-cni's own words.
func badConfig(format string, args ...any) error {
	return types.NewError(types.ErrInvalidNetworkConfig, program+": failed to load netconf: "+fmt.Sprintf(format, args...), "")
}

// parseConfig reads what DEL, STATUS and GC need too, so it judges nothing.
func parseConfig(stdin []byte) (*config, error) {
	c := &config{}
	if err := json.Unmarshal(stdin, c); err != nil {
		return nil, badConfig("%v", err)
	}
	return c, nil
}

// settleMAC takes the MAC of the runtime before that of CNI_ARGS before that of the configuration.
func (c *config) settleMAC(args string) error {
	if args != "" {
		env := envArgs{}
		if err := types.LoadArgs(args, &env); err != nil {
			return badConfig("CNI_ARGS %q: %v", args, err)
		}
		if env.MAC != "" {
			c.MAC = string(env.MAC)
		}
	}
	if c.RuntimeConfig.MAC != "" {
		c.MAC = c.RuntimeConfig.MAC
	}
	if c.MAC == "" {
		return nil
	}
	c.MAC = strings.ToLower(c.MAC)
	if _, err := net.ParseMAC(c.MAC); err != nil {
		return badConfig("failed to parse MAC address %s: %v", c.MAC, err)
	}
	return nil
}

// validate refuses values that no driver is asked for. What only a driver can refuse is refused by request.
func (c *config) validate() error {
	if err := c.validateVlan(); err != nil {
		return err
	}
	for _, choice := range []struct {
		key, value string
		of         []string
	}{
		{"link_state", c.LinkState, []string{"auto", "enable", "disable"}},
		// sriov-cni takes any other word for off
		{"spoofchk", c.SpoofChk, []string{"on", "off"}},
		{"trust", c.Trust, []string{"on", "off"}},
	} {
		if choice.value != "" && !strings.Contains(" "+strings.Join(choice.of, " ")+" ", " "+choice.value+" ") {
			return badConfig("invalid %s value: %s", choice.key, choice.value)
		}
	}
	return nil
}

func (c *config) validateVlan() error {
	vlan, qos, proto := value(c.Vlan, 0), value(c.VlanQoS, 0), strings.ToLower(value(c.VlanProto, "802.1q"))
	switch {
	case c.Vlan == nil && c.VlanQoS != nil:
		return badConfig("vlan id must be configured to set vlan QoS to a non-nil value")
	case c.Vlan == nil && c.VlanProto != nil:
		return badConfig("vlan id must be configured to set vlan proto to a non-nil value")
	case vlan < 0 || vlan > 4094:
		return badConfig("vlan id %d invalid: value must be in the range 0-4094", vlan)
	case qos < 0 || qos > 7:
		return badConfig("vlan QoS PCP %d invalid: value must be in the range 0-7", qos)
	case qos != 0 && vlan == 0:
		return badConfig("non-zero vlan id must be configured to set vlan QoS to a non-zero value")
	case proto != "802.1q" && proto != "802.1ad":
		return badConfig("vlan Proto %s invalid: value must be '802.1Q' or '802.1ad'", proto)
	case proto == "802.1ad" && vlan == 0:
		return badConfig("non-zero vlan id must be configured to set vlan proto 802.1ad")
	}
	return nil
}

// errInvalid is the kernel's word for a value that a driver refuses.
var errInvalid = errors.New("invalid argument")

// request is the row that a VF shall have, and the values that were asked for.
func (c *config) request(vf int, row simvf.Row) (simvf.Row, map[string]any, error) {
	asked := map[string]any{}
	if c.Vlan != nil {
		row.Vlan, row.VlanQoS, row.VlanProto = *c.Vlan, value(c.VlanQoS, 0), strings.ToLower(value(c.VlanProto, "802.1q"))
		asked["vlan"], asked["vlanQoS"], asked["vlanProto"] = row.Vlan, row.VlanQoS, row.VlanProto
	}
	if c.MAC != "" {
		if mac, err := net.ParseMAC(c.MAC); err != nil || len(mac) != 6 || mac[0]&1 != 0 {
			return row, nil, fmt.Errorf("failed to set MAC address to %s: %w", c.MAC, errInvalid)
		}
		row.MAC, asked["mac"] = c.MAC, c.MAC
	}
	if c.MinTxRate != nil || c.MaxTxRate != nil {
		low, high := value(c.MinTxRate, 0), value(c.MaxTxRate, 0)
		if low < 0 || high < 0 || (high != 0 && low > high) {
			return row, nil, fmt.Errorf("failed to set vf %d min_tx_rate to %d Mbps: max_tx_rate to %d Mbps: %w", vf, low, high, errInvalid)
		}
		row.MinTxRate, row.MaxTxRate = low, high
		asked["minTxRate"], asked["maxTxRate"] = low, high
	}
	for _, word := range []struct {
		key, value string
		to         *string
	}{{"spoofchk", c.SpoofChk, &row.SpoofChk}, {"trust", c.Trust, &row.Trust}, {"linkState", c.LinkState, &row.LinkState}} {
		if word.value != "" {
			*word.to, asked[word.key] = word.value, word.value
		}
	}
	return row, asked, nil
}

func value[T any](given *T, otherwise T) T {
	if given == nil {
		return otherwise
	}
	return *given
}
