package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"plumbline.invalid/programs/internal/calls"
)

const fakeRecorder = "#!/bin/sh\necho through the recorder\n"

// recorded puts something in front of a plugin that answers by its own name, and returns its folder and that of calls.
func recorded(t *testing.T, front string) (string, string) {
	t.Helper()
	dir, logs := t.TempDir(), filepath.Join(t.TempDir(), "calls")
	for path, content := range map[string]string{
		filepath.Join(dir, "recorder"):                    fakeRecorder,
		filepath.Join(dir, "bridge"):                      front,
		filepath.Join(dir, "bridge"+calls.RecordedSuffix): "#!/bin/sh\ncat\necho trouble >&2\ntest -z \"$DIE\" || kill -TERM $$\nexit 3\n",
	} {
		if err := os.WriteFile(path, []byte(content), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	oldPath, oldFolder := recorderPath, callsFolder
	recorderPath, callsFolder = filepath.Join(dir, "recorder"), logs
	t.Cleanup(func() { recorderPath, callsFolder = oldPath, oldFolder })
	return dir, logs
}

func callLine(dir, env string) string {
	return fmt.Sprintf(`{"id":1,"op":"call","binary":"bridge","binDir":%q,"stdin":"in","env":{"CNI_CONTAINERID":"c1","CNI_COMMAND":"ADD"%s}}`, dir, env)
}

func TestARecordedPluginIsCalledAndWrittenDownHere(t *testing.T) {
	dir, logs := recorded(t, fakeRecorder)
	for env, want := range map[string]int{"": 3, `,"DIE":"1"`: 143} {
		answer := talk(t, newSession(), callLine(dir, env))[0]
		if answer["stdout"] != "in" || answer["stderr"] != "trouble\n" {
			t.Fatalf("answer %v", answer)
		}
		content, err := os.ReadFile(filepath.Join(logs, "c1.jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSpace(string(content)), "\n")
		var line calls.Line
		if err := json.Unmarshal([]byte(lines[len(lines)-1]), &line); err != nil {
			t.Fatal(err)
		}
		if line.Program != "bridge" || line.Command != "ADD" || line.Stdin != "in" || line.Stdout != "in" || line.Stderr != "trouble\n" || line.ExitCode != want {
			t.Errorf("line %+v", line)
		}
	}
}

func TestWhatElseStandsInFrontOfAPluginIsCalled(t *testing.T) {
	dir, logs := recorded(t, "#!/bin/sh\necho of a rollout\n")
	if answer := talk(t, newSession(), callLine(dir, ""))[0]; answer["stdout"] != "of a rollout\n" {
		t.Errorf("another binary: %v", answer)
	}
	dir, logsOfFault := recorded(t, fakeRecorder)
	if err := os.WriteFile(filepath.Join(dir, "bridge"+calls.PlantedSuffix), nil, 0o755); err != nil {
		t.Fatal(err)
	}
	if answer := talk(t, newSession(), callLine(dir, ""))[0]; answer["stdout"] != "through the recorder\n" {
		t.Errorf("a planted fault: %v", answer)
	}
	for _, folder := range []string{logs, logsOfFault} {
		if _, err := os.Stat(folder); err == nil {
			t.Error("a call was written down that the recorder, or nobody, writes down")
		}
	}
}
