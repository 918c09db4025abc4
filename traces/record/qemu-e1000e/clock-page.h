/* The guest's clock, as QEMU publishes it to programs outside. */
#include <stdint.h>

struct clock_page {
	int64_t virtual_ns; /* QEMU_CLOCK_VIRTUAL */
	int64_t host_ns;    /* CLOCK_MONOTONIC when that last changed */
};
