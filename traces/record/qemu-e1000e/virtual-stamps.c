/*
 * Preloaded into an unchanged qemu-system-x86_64 that counts instructions (-icount), of the 7.2 series with the "log" trace backend.
 *
 * The backend asks gettimeofday() for the stamp of each line. Asked by code of QEMU's own executable, this one answers with
 *     tv_sec  = instructions that the guest has executed
 *     tv_usec = QEMU_CLOCK_VIRTUAL in nanoseconds
 * so that -msg timestamp=on gives PID@INSTRUCTIONS.NANOSECONDS:event. Needs -rtc clock=vm, or the guest's clock would be set from it.
 *
 * With VIRTUAL_CLOCK=FILE the clock is also published in that file, for virtual-clock.c.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "clock-page.h"

/* QEMU exports these to its modules. */
extern int use_icount __attribute__((weak));
extern int64_t icount_get_raw(void) __attribute__((weak));
extern int64_t qemu_clock_get_ns(int clock) __attribute__((weak));
#define CLOCK_VIRTUAL 1

/* The executable's code. */
static uintptr_t code_start, code_end;

static int find_code(struct dl_phdr_info *info, size_t size, void *unused)
{
	(void)size;
	(void)unused;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
		if (segment->p_type == PT_LOAD && (segment->p_flags & PF_X)) {
			code_start = info->dlpi_addr + segment->p_vaddr;
			code_end = code_start + segment->p_memsz;
		}
	}
	return 1; /* the executable is the first object; no others */
}

static void *publish(void *argument)
{
	volatile struct clock_page *page = argument;
	const struct timespec pause = { .tv_nsec = 50000 };

	for (;; nanosleep(&pause, NULL)) {
		struct timespec host;
		int64_t now;

		if (!use_icount)
			continue;
		now = qemu_clock_get_ns(CLOCK_VIRTUAL);
		if (now == page->virtual_ns)
			continue;
		clock_gettime(CLOCK_MONOTONIC, &host);
		page->host_ns = host.tv_sec * INT64_C(1000000000) + host.tv_nsec;
		page->virtual_ns = now;
	}
	return NULL;
}

__attribute__((constructor)) static void start(void)
{
	const char *file = getenv("VIRTUAL_CLOCK");
	sigset_t all, before;
	pthread_t thread;
	void *page;
	int fd;

	dl_iterate_phdr(find_code, NULL);
	if (!file || !&use_icount)
		return;
	fd = open(file, O_RDWR | O_CREAT, 0600);
	if (fd < 0 || ftruncate(fd, sizeof(struct clock_page)) != 0)
		abort();
	page = mmap(NULL, sizeof(struct clock_page), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (page == MAP_FAILED)
		abort();
	/* QEMU's signals are for its own threads. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	if (pthread_create(&thread, NULL, publish, page) != 0)
		abort();
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/*
 * QEMU's own reading of the host's clock is inlined in several places and must stay as it is: such a place multiplies the seconds by 10^9 soon after the call,
 * as no place that writes a trace line does.
 */
static int reads_host_clock(uintptr_t return_address)
{
	static const unsigned char billion[] = { 0x00, 0xca, 0x9a, 0x3b };

	return memmem((const void *)return_address, 52, billion, sizeof billion) != NULL;
}

int gettimeofday(struct timeval *restrict tv, void *restrict zone)
{
	uintptr_t caller = (uintptr_t)__builtin_return_address(0);
	struct timespec host;

	(void)zone;
	if (&use_icount && use_icount && caller >= code_start && caller < code_end && !reads_host_clock(caller)) {
		tv->tv_sec = icount_get_raw();
		tv->tv_usec = qemu_clock_get_ns(CLOCK_VIRTUAL);
		return 0;
	}
	clock_gettime(CLOCK_REALTIME, &host);
	tv->tv_sec = host.tv_sec;
	tv->tv_usec = host.tv_nsec / 1000;
	return 0;
}
