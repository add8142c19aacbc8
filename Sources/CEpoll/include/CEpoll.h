// Linux's epoll, which Swift's Glibc module leaves out.
#ifdef __linux__
#include <sys/epoll.h>
#endif
