package main

import "strings"

// command is what matters here of runc's command line.
type command struct {
	verb    string
	bundle  string
	process string
}

// globalFlagsWithValue take the next argument as their value, which must not be taken for the verb.
var globalFlagsWithValue = map[string]bool{"log": true, "log-format": true, "root": true, "criu": true, "rootless": true}

func parseCommand(args []string) command {
	found := command{bundle: "."}
	for i := 0; i < len(args); i++ {
		name, value, inline := strings.Cut(strings.TrimLeft(args[i], "-"), "=")
		isFlag := strings.HasPrefix(args[i], "-")
		next := func() string {
			if !inline && i+1 < len(args) {
				i++
				return args[i]
			}
			return value
		}
		switch {
		case !isFlag && found.verb == "":
			found.verb = args[i]
		case !isFlag:
			// a container's id or program; what follows is not runc's
			if found.verb == "exec" {
				return found
			}
		case name == "bundle" || name == "b":
			found.bundle = next()
		case name == "process" || name == "p":
			found.process = next()
		case found.verb == "" && globalFlagsWithValue[name]:
			next()
		}
	}
	return found
}
