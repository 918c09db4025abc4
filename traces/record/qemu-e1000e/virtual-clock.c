/*
 * Preloaded into the load generator (iperf3): its clocks show the guest's virtual time (VIRTUAL_CLOCK=FILE, see virtual-stamps.c), so that it
 * offers so many bits a virtual second, however slowly the guest runs.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "clock-page.h"

#define SECOND INT64_C(1000000000)
/* While the guest idles its clock stands still until something happens; it is taken to go on at the host's pace, for so long at most. */
#define LONGEST_IDLE (SECOND / 10)
/* Any date: zero is taken for an unset clock by some programs. */
#define EPOCH 1700000000

static volatile struct clock_page *page;

__attribute__((constructor)) static void start(void)
{
	const char *file = getenv("VIRTUAL_CLOCK");
	void *map = MAP_FAILED;
	int fd = file ? open(file, O_RDONLY) : -1;

	if (fd >= 0) {
		map = mmap(NULL, sizeof(struct clock_page), PROT_READ, MAP_SHARED, fd, 0);
		close(fd);
	}
	if (map == MAP_FAILED)
		abort();
	page = map;
}

int clock_gettime(clockid_t clock, struct timespec *t)
{
	static int64_t latest;
	struct timespec host;
	int64_t now, idle;

	(void)clock;
	syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &host);
	now = page->virtual_ns;
	idle = host.tv_sec * SECOND + host.tv_nsec - page->host_ns;
	if (now > 0 && idle > 0)
		now += idle < LONGEST_IDLE ? idle : LONGEST_IDLE;
	if (now < latest)
		now = latest;
	latest = now;
	t->tv_sec = EPOCH + now / SECOND;
	t->tv_nsec = now % SECOND;
	return 0;
}

int gettimeofday(struct timeval *restrict tv, void *restrict zone)
{
	struct timespec t;

	(void)zone;
	clock_gettime(CLOCK_MONOTONIC, &t);
	tv->tv_sec = t.tv_sec;
	tv->tv_usec = t.tv_nsec / 1000;
	return 0;
}
