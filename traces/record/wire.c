/*
 * A wire between two interfaces: wire INTERFACE INTERFACE
 *
 * Passes Ethernet frames both ways at 1 Gb/s each, one after the other: a frame leaves when its last bit would have come through, 8 ns a byte with preamble, FCS
 * and gap (24 bytes). The kernel's shapers keep the rate over a millisecond, but let frames through in clumps, as their timers allow; this one watches the clock while a
 * frame is on the wire, and sleeps while none is.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>

#ifndef PACKET_IGNORE_OUTGOING
#define PACKET_IGNORE_OUTGOING 23
#endif

#define NS_PER_BYTE 8
#define OVERHEAD 24
#define LONGEST 1514
#define QUEUE_BYTES (64 << 20)
#define QUEUE 1024 /* a power of two; more wait in the socket */

struct frame {
	ssize_t length;
	int64_t done; /* when its last bit is through, ns */
	unsigned char bytes[LONGEST + 1];
};

struct direction {
	int from, to;
	int64_t free_at;      /* when the wire is free for another, ns */
	unsigned first, next; /* frames on the wire and waiting for it: queue[first..next) */
	struct frame queue[QUEUE];
};

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static void fail(const char *what)
{
	fprintf(stderr, "wire: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int open_end(const char *name)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = (int)if_nametoindex(name) };
	const int yes = 1, room = QUEUE_BYTES;
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, 0);

	if (fd < 0 || setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &yes, sizeof yes) != 0 || setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room) != 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof room) != 0 || setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &yes, sizeof yes) != 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0)
		fail(name);
	return fd;
}

/* Lets a frame in that has come, if there is one: the wire takes it as soon as it is free. */
static void take(struct direction *d)
{
	struct frame *frame = &d->queue[d->next % QUEUE];
	int64_t begin;

	if (d->next - d->first == QUEUE)
		return;
	frame->length = recv(d->from, frame->bytes, sizeof frame->bytes, MSG_TRUNC);
	if (frame->length < 0) {
		if (errno == EAGAIN || errno == EWOULDBLOCK)
			return;
		fail("recv");
	}
	if (frame->length > LONGEST) {
		fprintf(stderr, "wire: a frame of %zd bytes: segmentation offload is on\n", frame->length);
		exit(1);
	}
	begin = now();
	if (begin < d->free_at)
		begin = d->free_at;
	frame->done = d->free_at = begin + (frame->length + OVERHEAD) * NS_PER_BYTE;
	d->next++;
}

/* Lets the first frame out when it is through. */
static void give(struct direction *d)
{
	const struct frame *frame = &d->queue[d->first % QUEUE];

	if (d->first == d->next || now() < frame->done)
		return;
	if (send(d->to, frame->bytes, (size_t)frame->length, 0) != frame->length)
		fail("send");
	d->first++;
}

int main(int argc, char **argv)
{
	static struct direction both[2];

	if (argc != 3) {
		fprintf(stderr, "usage: wire INTERFACE INTERFACE\n");
		return 2;
	}
	both[0].from = both[1].to = open_end(argv[1]);
	both[0].to = both[1].from = open_end(argv[2]);
	if (mlockall(MCL_CURRENT | MCL_FUTURE) != 0)
		fail("mlockall");
	for (;;) {
		for (int i = 0; i < 2; i++) {
			take(&both[i]);
			give(&both[i]);
		}
		if (both[0].first == both[0].next && both[1].first == both[1].next) {
			struct pollfd ends[2] = { { both[0].from, POLLIN, 0 }, { both[1].from, POLLIN, 0 } };

			if (poll(ends, 2, -1) < 0 && errno != EINTR)
				fail("poll");
		}
	}
}
