package main

import (
	"encoding/json"
	"reflect"
	"testing"
)

func TestWithheld(t *testing.T) {
	for _, test := range []struct {
		status string
		want   map[string]bool
	}{
		{"CapBnd:\t000001ffffffffff\n", map[string]bool{}},
		{"CapPrm:\t0\nCapBnd:\t000001fffeffffff\n", map[string]bool{"CAP_SYS_RESOURCE": true}},
		{"CapBnd:\t000001fffefffffe\n", map[string]bool{"CAP_SYS_RESOURCE": true, "CAP_CHOWN": true}},
	} {
		got, err := withheld(test.status)
		if err != nil || !reflect.DeepEqual(got, test.want) {
			t.Errorf("withheld(%q) = %v, %v; want %v", test.status, got, err, test.want)
		}
	}
	if _, err := withheld("Name: x\n"); err == nil {
		t.Error("a status without a bounding set must be refused")
	}
}

func TestParseCommand(t *testing.T) {
	for _, test := range []struct {
		args []string
		want command
	}{
		{[]string{"--root", "create", "--log", "/l", "create", "--bundle", "/b", "id"}, command{"create", "/b", ""}},
		{[]string{"--root=/r", "run", "--bundle=/b", "id"}, command{"run", "/b", ""}},
		{[]string{"--systemd-cgroup", "create", "-b", "/b", "--pid-file", "/p", "id"}, command{"create", "/b", ""}},
		{[]string{"exec", "--process", "/p.json", "--detach", "id"}, command{"exec", ".", "/p.json"}},
		{[]string{"exec", "id", "ps", "-p", "1"}, command{"exec", ".", ""}},
		{[]string{"delete", "--force", "id"}, command{"delete", ".", ""}},
	} {
		if got := parseCommand(test.args); got != test.want {
			t.Errorf("parseCommand(%q) = %+v; want %+v", test.args, got, test.want)
		}
	}
}

func TestRestrictSpec(t *testing.T) {
	lacks := map[string]bool{"CAP_SYS_RESOURCE": true}
	spec := `{"ociVersion":"1.0","linux":{"x":1},"process":{"args":["a"],"oomScoreAdj":-500,
	  "capabilities":{"bounding":["CAP_KILL","CAP_SYS_RESOURCE"],"effective":["CAP_SYS_RESOURCE"]}}}`
	want := `{"ociVersion":"1.0","linux":{"x":1},"process":{"args":["a"],"oomScoreAdj":0,
	  "capabilities":{"bounding":["CAP_KILL"],"effective":[]}}}`
	got, err := restrictSpec([]byte(spec), lacks)
	if err != nil {
		t.Fatal(err)
	}
	if !sameJSON(t, got, []byte(want)) {
		t.Errorf("got %s", got)
	}
}

func TestRestrictKeepsWhatIsNotItsOwn(t *testing.T) {
	spec := `{"process":{"oomScoreAdj":-5,"capabilities":{"bounding":["CAP_CHOWN"]}},"big":9007199254740993}`
	got, err := restrictSpec([]byte(spec), map[string]bool{"CAP_KILL": true})
	if err != nil || !sameJSON(t, got, []byte(spec)) {
		t.Errorf("got %s, %v", got, err)
	}
	if got, err := restrictSpec([]byte(`{"a":1}`), nil); err != nil || string(got) != `{"a":1}` {
		t.Errorf("a spec without a process: %s, %v", got, err)
	}
	if _, err := restrictSpec([]byte(`{`), nil); err == nil {
		t.Error("broken JSON must be refused")
	}
}

func sameJSON(t *testing.T, a, b []byte) bool {
	t.Helper()
	var x, y map[string]json.RawMessage
	if json.Unmarshal(a, &x) != nil || json.Unmarshal(b, &y) != nil {
		return false
	}
	normal := func(v map[string]json.RawMessage) string {
		out, _ := json.Marshal(v)
		var any interface{}
		_ = json.Unmarshal(out, &any)
		out, _ = json.Marshal(any)
		return string(out)
	}
	return normal(x) == normal(y)
}
