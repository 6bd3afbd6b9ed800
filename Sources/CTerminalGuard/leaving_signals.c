#define _GNU_SOURCE
#include "leaving_signals.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

// Whatever ends a process unless somebody listens, but for faults of its own.
static const int noted[] = {SIGTERM, SIGINT,  SIGHUP, SIGQUIT,   SIGUSR1, SIGUSR2,   SIGALRM,
                            SIGXCPU, SIGPWR, SIGIO,  SIGVTALRM, SIGPROF, SIGSTKFLT};
enum { noted_count = sizeof noted / sizeof *noted };
static int ends[2] = {-1, -1};

static void put(unsigned char byte) {
    int before = errno;
    (void)!write(ends[1], &byte, 1);
    errno = before;
}

static void note(int signal) { put((unsigned char)signal); }
static void pass(int signal) { (void)signal; }

static void handle(int signal, void (*handler)(int)) {
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
    sigaction(signal, &action, 0);
}

static int is_ignored(int signal) {
    struct sigaction action;
    return sigaction(signal, 0, &action) == 0 && action.sa_handler == SIG_IGN;
}

static void open_standard_descriptors(void) {
    // Writing to what was closed has to fail, or nobody would hear that the data is lost.
    static const int modes[] = {O_RDONLY, O_RDONLY, O_WRONLY};
    for (int i = 0; i < 3; i++)
        if (fcntl(i, F_GETFD) < 0 && errno == EBADF) {
            int opened = open("/dev/null", modes[i]);
            if (opened >= 0 && opened != i) {
                dup2(opened, i);
                close(opened);
            }
        }
}

int leaving_signals_note(void) {
    open_standard_descriptors();
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return -1;
    for (int i = 0; i < noted_count; i++)
        if (!is_ignored(noted[i])) handle(noted[i], note);
    // These are failures of the call that has caused them. A handler, and not "ignored", which children would inherit.
    handle(SIGPIPE, pass);
    handle(SIGXFSZ, pass);
    return ends[0];
}

void leaving_signals_note_all(void) {
    if (ends[1] < 0) return;
    for (int i = 0; i < noted_count; i++) handle(noted[i], note);
}

void leaving_signals_wake(void) { put(0); }

_Noreturn void leaving_signals_die(int number) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, number);
    signal(number, SIG_DFL);
    pthread_sigmask(SIG_UNBLOCK, &set, 0);
    kill(getpid(), number);
    // Another thread may have to take it.
    for (int i = 0; i < 20; i++) usleep(1000);
    _exit(128 + number);
}
