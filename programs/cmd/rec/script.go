package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// countDir holds how often an act was played, a file a count; a variable for the tests.
var countDir = "/run/plumbline-rec"

// scripted is the act that holds for this call; an empty one if the plugin shall behave.
func (c *call) scripted() (act, error) {
	scripted := c.config.rec.act(c.command)
	if scripted == nil {
		return act{}, nil
	}
	if scripted.Times == nil {
		return *scripted, nil
	}
	before, err := c.count(scripted.EveryContainer)
	if err != nil {
		return act{}, fmt.Errorf("count the calls of the script: %w", err)
	}
	if before >= *scripted.Times {
		return act{}, nil
	}
	return *scripted, nil
}

// count returns how many calls there were before, and adds this one. The lock is for calls of parallel pods.
func (c *call) count(everyContainer bool) (int, error) {
	of := []string{c.command, c.config.Name, c.ifname}
	if !everyContainer {
		of = append(of, c.containerID)
	}
	// A hash, since a name can hold anything and be of any length.
	sum := sha256.Sum256([]byte(strings.Join(of, "\x00")))
	if err := os.MkdirAll(countDir, 0o755); err != nil {
		return 0, err
	}
	file, err := os.OpenFile(filepath.Join(countDir, c.command+"-"+hex.EncodeToString(sum[:])), os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	if err := unix.Flock(int(file.Fd()), unix.LOCK_EX); err != nil {
		return 0, fmt.Errorf("lock %s: %w", file.Name(), err)
	}
	content, err := io.ReadAll(file)
	if err != nil {
		return 0, err
	}
	before := 0
	if len(content) > 0 {
		if before, err = strconv.Atoi(string(content)); err != nil {
			return 0, fmt.Errorf("%s: %w", file.Name(), err)
		}
	}
	// A longer number covers a shorter one, so the file needs no truncation.
	_, err = file.WriteAt([]byte(strconv.Itoa(before+1)), 0)
	return before, err
}

// play does the act. Whatever it does not speak of is done as ever.
func (c *call) play(act act) (int, error) {
	time.Sleep(time.Duration(act.DelayMs) * time.Millisecond)
	c.stderr.WriteString(act.Stderr)
	code := 0
	switch {
	case act.Error != nil:
		code = c.fail(*act.Error)
	case act.answers() > 0:
		if _, err := c.behave(false); err != nil {
			return 0, err
		}
		if act.Stdout != nil {
			c.stdout.WriteString(*act.Stdout)
		} else {
			c.print(json.RawMessage(c.expand(act.Result)))
		}
	default:
		answer, err := c.behave(true)
		if err != nil {
			return 0, err
		}
		if answer != nil {
			c.print(answer)
		}
	}
	if act.ExitCode != nil {
		code = *act.ExitCode
	}
	return code, nil
}

var placeholder = regexp.MustCompile(`\$\{CNI_(?:IFNAME|NETNS|CONTAINERID)\}`)

// expand fills placeholders inside JSON text, where a value must not break the quoting.
func (c *call) expand(text []byte) []byte {
	values := map[string]string{"${CNI_IFNAME}": c.ifname, "${CNI_NETNS}": c.netns, "${CNI_CONTAINERID}": c.containerID}
	return placeholder.ReplaceAllFunc(text, func(match []byte) []byte {
		quoted, _ := json.Marshal(values[string(match)])
		return quoted[1 : len(quoted)-1]
	})
}
