#define _GNU_SOURCE
#include "terminal_guard.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>

static const int fatal[] = {SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT, SIGSYS};
enum { fatal_count = sizeof fatal / sizeof *fatal };
static struct sigaction previous[fatal_count];
static struct termios shell, screen;
static volatile sig_atomic_t armed, has_modes, has_screen_modes;

// The end of whatever string was begun, synchronised update off, mouse off, bracketed paste off, keypad off, colours off,
// cursor on, main screen.
static const char leave[] =
    "\033\\\033[?2026l\033[?1000l\033[?1002l\033[?1003l\033[?1006l\033[?2004l\033[8h\033[?1l\033>\033[0m\033[?25h\033[?1049l\r\n";

// In the background, the terminal is somebody else's, and changing it would stop this process.
static int is_in_front(void) {
    pid_t group = tcgetpgrp(STDIN_FILENO);
    return group < 0 || group == getpgrp();
}

static int set(const struct termios *modes) {
    if (!is_in_front()) return 0;
    while (tcsetattr(STDIN_FILENO, TCSANOW, modes) != 0)
        if (errno != EINTR) return 0;
    return 1;
}

// Async-signal-safe: only write, poll, tcsetattr, sigaction.
static void restore(int signal) {
    if (armed) {
        if (has_modes) set(&shell);
        // Where nobody reads the terminal, the process ends without having left the screen, but it ends.
        struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};
        if (poll(&out, 1, 0) > 0 && out.revents & POLLOUT) (void)!write(STDOUT_FILENO, leave, sizeof leave - 1);
        armed = 0;
    }
    for (int i = 0; i < fatal_count; i++)
        if (fatal[i] == signal) sigaction(signal, &previous[i], 0);
    // Returning runs the faulting instruction again, under the previous handler; one that was sent is sent again.
    raise(signal);
}

static void pass(int signal) { (void)signal; }

static void guard_faults(void (*handler)(int), struct sigaction *before) {
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_ONSTACK | SA_NODEFER};
    for (int i = 0; i < fatal_count; i++) sigaction(fatal[i], &action, &before[i]);
}

void terminal_guard_arm(void) {
    has_modes = tcgetattr(STDIN_FILENO, &shell) == 0;
    armed = 1;
    guard_faults(restore, previous);
    // Without SA_RESTART: it ends a write that blocks.
    struct sigaction stop = {.sa_handler = pass};
    sigaction(SIGURG, &stop, 0);
}

void terminal_guard_keep_modes(void) { has_screen_modes = tcgetattr(STDIN_FILENO, &screen) == 0; }

void terminal_guard_disarm(void) {
    armed = 0;
    for (int i = 0; i < fatal_count; i++) sigaction(fatal[i], &previous[i], 0);
}

int terminal_guard_shell_modes(void) { return has_modes ? set(&shell) : 0; }

int terminal_guard_screen_modes(void) { return has_screen_modes ? set(&screen) : 0; }

void terminal_guard_leave_screen(int is_stuck) {
    if (!armed || !is_in_front()) return;
    if (is_stuck) tcflush(STDOUT_FILENO, TCOFLUSH);
    (void)!write(STDOUT_FILENO, leave, sizeof leave - 1);
}

long terminal_write(int descriptor, const void *bytes, unsigned long count) {
    // The threads of a pool block all signals.
    sigset_t stop;
    sigemptyset(&stop);
    sigaddset(&stop, SIGURG);
    pthread_sigmask(SIG_UNBLOCK, &stop, 0);
    return write(descriptor, bytes, count);
}

void terminal_write_stop(unsigned long thread) { pthread_kill((pthread_t)thread, SIGURG); }

static struct termios echoing;
static volatile sig_atomic_t silent = -1;
static struct sigaction before_silence[fatal_count], stop_before_silence;

// Async-signal-safe: only tcsetattr.
static void echo(void) {
    int descriptor = silent;
    if (descriptor < 0) return;
    silent = -1;
    while (tcsetattr(descriptor, TCSANOW, &echoing) != 0 && errno == EINTR) {}
}

static void echo_and_fail(int signal) {
    echo();
    for (int i = 0; i < fatal_count; i++)
        if (fatal[i] == signal) sigaction(signal, &before_silence[i], 0);
    raise(signal);
}

int terminal_echo_off(int descriptor) {
    if (tcgetattr(descriptor, &echoing) != 0) return 0;
    struct termios modes = echoing;
    modes.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
    // A process that is stopped here would leave the shell without echo.
    modes.c_cc[VSUSP] = _POSIX_VDISABLE;
    silent = descriptor;
    if (tcsetattr(descriptor, TCSAFLUSH, &modes) != 0) {
        silent = -1;
        return 0;
    }
    guard_faults(echo_and_fail, before_silence);
    struct sigaction stop = {.sa_handler = pass, .sa_flags = SA_RESTART};
    sigaction(SIGTSTP, &stop, &stop_before_silence);
    return 1;
}

void terminal_echo_on(void) {
    if (silent < 0) return;
    echo();
    sigaction(SIGTSTP, &stop_before_silence, 0);
    for (int i = 0; i < fatal_count; i++) sigaction(fatal[i], &before_silence[i], 0);
}

int terminal_canvas(int descriptor) {
    int file = memfd_create("cachewatch-screen", MFD_CLOEXEC);
    if (file < 0) return 0;
    int is_moved = dup3(file, descriptor, O_CLOEXEC) >= 0;
    close(file);
    return is_moved;
}
