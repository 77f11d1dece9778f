package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func chainOf(t *testing.T, version string, rest string, plugins ...string) map[string]any {
	t.Helper()
	dir := binDir(t, "first", "second")
	return talk(t, newSession(), fmt.Sprintf(
		`{"id":1,"op":"chain","binDir":"%s","list":{"cniVersion":"%s","name":"net-a","plugins":[%s]},"containerId":"c1","netns":"/n","ifname":"net1",%s}`,
		dir, version, strings.Join(plugins, ","), rest))[0]
}

// stdins are the types of the plugins that were called, with what each got.
func stdins(t *testing.T, a map[string]any) []string {
	t.Helper()
	found := []string{}
	calls, _ := a["calls"].([]any)
	for _, call := range calls {
		found = append(found, fmt.Sprint(call.(map[string]any)["type"], " ", text(t, call.(map[string]any)["stdin"])))
	}
	return found
}

func same(a, b []string) bool { return strings.Join(a, "\n") == strings.Join(b, "\n") }

func TestAddPassesResultsOn(t *testing.T) {
	a := chainOf(t, "1.0.0", `"command":"ADD","args":"A=1","runtimeConfig":{"mac":"m","ips":["i"]}`,
		`{"type":"first","keep":{"a":[1.0]},"capabilities":{"mac":true,"ips":false}}`, `{"type":"second"}`)
	seen := `{"cniVersion":"1.0.0","keep":{"a":[1.0]},"name":"net-a","runtimeConfig":{"mac":"m"},"type":"first"}`
	first := `{"args":"A=1","cniVersion":"1.0.0","command":"ADD","saw":` + strings.Replace(seen, "1.0]", "1]", 1) + `}`
	want := []string{
		"first " + strings.Replace(seen, "1.0]", "1]", 1),
		`second {"cniVersion":"1.0.0","name":"net-a","prevResult":` + first + `,"type":"second"}`,
	}
	if got := stdins(t, a); !same(got, want) {
		t.Errorf("got %s", strings.Join(got, "\n"))
	}
	calls := a["calls"].([]any)
	var last any
	if err := json.Unmarshal([]byte(calls[1].(map[string]any)["stdout"].(string)), &last); err != nil {
		t.Fatal(err)
	}
	if a["failedAt"] != nil || text(t, a["result"]) != text(t, last) {
		t.Errorf("result %v", a["result"])
	}
}

func TestDelAndCheck(t *testing.T) {
	conf := func(plugin, version, rest string) string {
		return plugin + ` {"cniVersion":"` + version + `","name":"net-a"` + rest + `,"type":"` + plugin + `"}`
	}
	const prev = `,"prevResult":{"x":1}`
	for _, row := range []struct {
		command, version string
		want             []string
	}{
		{"DEL", "1.0.0", []string{conf("second", "1.0.0", prev), conf("first", "1.0.0", prev)}},
		{"DEL", "0.3.1", []string{conf("second", "0.3.1", ""), conf("first", "0.3.1", "")}},
		{"CHECK", "0.4.0", []string{conf("first", "0.4.0", prev), conf("second", "0.4.0", prev)}},
	} {
		a := chainOf(t, row.version, `"command":"`+row.command+`","prevResult":{"x":1}`, `{"type":"first"}`, `{"type":"second"}`)
		if got := stdins(t, a); !same(got, row.want) || a["failedAt"] != nil || a["result"] != nil {
			t.Errorf("%s %s: %v", row.command, row.version, a)
		}
	}
}

func TestStopsAtTheFirstFailure(t *testing.T) {
	for _, row := range []struct {
		command, first, second string
		calls, failedAt        int
		problem                string
	}{
		{"ADD", `{"type":"first","do":"fail"}`, `{"type":"second"}`, 1, 0, ""},
		{"ADD", `{"type":"first"}`, `{"type":"second","do":"die"}`, 2, 1, ""},
		{"ADD", `{"type":"first","do":"nonsense"}`, `{"type":"second"}`, 1, 0, "no JSON object"},
		{"ADD", `{"type":"first"}`, `{"type":"third"}`, 2, 1, `"third"`},
		{"ADD", `{"type":"first"}`, `{}`, 2, 1, `""`},
		{"DEL", `{"type":"first"}`, `{"type":"second","do":"fail"}`, 1, 1, ""},
		{"CHECK", `{"type":"first","do":"fail"}`, `{"type":"second"}`, 1, 0, ""},
	} {
		a := chainOf(t, "1.0.0", `"command":"`+row.command+`"`, row.first, row.second)
		calls, _ := a["calls"].([]any)
		if len(calls) != row.calls || a["failedAt"] != float64(row.failedAt) || a["result"] != nil {
			t.Errorf("%+v: %v", row, a)
			continue
		}
		problem, _ := calls[len(calls)-1].(map[string]any)["problem"].(string)
		if !strings.Contains(problem, row.problem) || (problem == "") != (row.problem == "") {
			t.Errorf("%+v: problem %q", row, problem)
		}
	}
}

func TestChainsThatAreRefused(t *testing.T) {
	for _, row := range []struct{ version, rest, plugins, says string }{
		{"0.3.1", `"command":"CHECK"`, `{"type":"first"}`, "no CHECK"},
		{"1.0.0", `"command":"GC"`, `{"type":"first"}`, `"GC"`},
		{"1.0.0", `"command":"ADD","prevResult":{}`, `{"type":"first"}`, "prevResult"},
		{"1.0.0", `"command":"ADD"`, ``, "no plugins"},
		{"1.0.0", `"command":"ADD"`, `{"type":"first","capabilities":[1]}`, "capabilities"},
	} {
		if a := chainOf(t, row.version, row.rest, row.plugins); !strings.Contains(fmt.Sprint(a["error"]), row.says) {
			t.Errorf("%+v: %v", row, a)
		}
	}
}
