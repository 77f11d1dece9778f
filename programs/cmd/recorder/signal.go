package main

import (
	"os"
	"syscall"
	"time"
	"unsafe"
)

// dieOf ends the recorder as its child ended, so that the caller sees the same signal. The Go runtime catches most
// signals; only the kernel's own handling makes a process die of them.
func dieOf(signal syscall.Signal) {
	var defaultAction [4]uint64 // struct sigaction of the 64-bit kernels, all zero: SIG_DFL
	_, _, _ = syscall.RawSyscall6(syscall.SYS_RT_SIGACTION, uintptr(signal), uintptr(unsafe.Pointer(&defaultAction)), 0, 8, 0, 0)
	_ = syscall.Kill(os.Getpid(), signal)
	time.Sleep(time.Second) // the signal may reach another thread first
	os.Exit(128 + int(signal))
}
