package main

import (
	"encoding/json"
	"fmt"
	"sort"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	cri "k8s.io/cri-api/pkg/apis/runtime/v1"
)

// sandbox is one pod sandbox of the container runtime.
type sandbox struct {
	ID        string `json:"id"`
	PodUID    string `json:"podUid"`
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	Attempt   uint32 `json:"attempt"`
	// State is ready or notready.
	State string `json:"state"`
	// NetnsPath is empty for a pod on the node's own network, and after the runtime closed the namespace.
	NetnsPath string   `json:"netnsPath"`
	Addresses []string `json:"addresses"`
	CreatedAt string   `json:"createdAt"`
}

func (r *reading) readSandboxes() {
	connection, err := grpc.NewClient("unix://"+strings.TrimPrefix(r.options.cri, "unix://"), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		r.fail("sandboxes", err)
		return
	}
	defer connection.Close()
	client := cri.NewRuntimeServiceClient(connection)
	listed, err := client.ListPodSandbox(r.ctx, &cri.ListPodSandboxRequest{})
	if err != nil {
		r.fail("sandboxes", fmt.Errorf("list the sandboxes at %s: %w", r.options.cri, err))
		return
	}
	found := make([]*sandbox, len(listed.Items))
	var wait sync.WaitGroup
	for i, item := range listed.Items {
		wait.Go(func() {
			answer, err := client.PodSandboxStatus(r.ctx, &cri.PodSandboxStatusRequest{PodSandboxId: item.Id, Verbose: true})
			if status.Code(err) == codes.NotFound { // removed since the listing
				return
			}
			if err != nil {
				r.fail("sandboxes", fmt.Errorf("status of sandbox %s: %w", item.Id, err))
			}
			found[i] = describeSandbox(item, answer)
		})
	}
	wait.Wait()
	kept := []sandbox{}
	for _, s := range found {
		if s != nil {
			kept = append(kept, *s)
		}
	}
	sort.Slice(kept, func(a, b int) bool { return kept[a].ID < kept[b].ID })
	r.set(func() { r.doc.Sandboxes = kept })
}

func describeSandbox(item *cri.PodSandbox, answer *cri.PodSandboxStatusResponse) *sandbox {
	s := &sandbox{
		ID: item.Id, PodUID: item.GetMetadata().GetUid(), Namespace: item.GetMetadata().GetNamespace(),
		Name: item.GetMetadata().GetName(), Attempt: item.GetMetadata().GetAttempt(),
		State:     strings.ToLower(strings.TrimPrefix(item.State.String(), "SANDBOX_")),
		CreatedAt: time.Unix(0, item.CreatedAt).UTC().Format(time.RFC3339Nano),
		Addresses: []string{},
	}
	if address := answer.GetStatus().GetNetwork().GetIp(); address != "" {
		s.Addresses = append(s.Addresses, address)
	}
	for _, more := range answer.GetStatus().GetNetwork().GetAdditionalIps() {
		s.Addresses = append(s.Addresses, more.Ip)
	}
	s.NetnsPath = netnsPath(answer.GetInfo()["info"])
	return s
}

// netnsPath reads the network namespace from containerd's verbose answer, the only place where it stands.
func netnsPath(info string) string {
	var parsed struct {
		RuntimeSpec struct {
			Linux struct {
				Namespaces []struct{ Type, Path string }
			}
		}
		NetNamespaceClosed bool
	}
	if json.Unmarshal([]byte(info), &parsed) != nil || parsed.NetNamespaceClosed {
		return ""
	}
	for _, n := range parsed.RuntimeSpec.Linux.Namespaces {
		if n.Type == "network" {
			return n.Path
		}
	}
	return ""
}
