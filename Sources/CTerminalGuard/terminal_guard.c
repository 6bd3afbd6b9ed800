#include "terminal_guard.h"
#include <signal.h>
#include <termios.h>
#include <unistd.h>

static const int fatal[] = {SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT, SIGSYS};
enum { fatal_count = sizeof fatal / sizeof *fatal };
static struct sigaction previous[fatal_count];
static struct termios cooked;
static volatile sig_atomic_t armed, has_modes;

// Async-signal-safe: only write, tcsetattr, sigaction.
static void restore(int signal) {
    if (armed) {
        // Synchronised update off, mouse off, bracketed paste off, keypad off, colours off, cursor on, main screen.
        static const char leave[] =
            "\033[?2026l\033[?1000l\033[?1002l\033[?1003l\033[?1006l\033[?2004l\033[?1l\033>\033[0m\033[?25h\033[?1049l\r\n";
        (void)!write(STDOUT_FILENO, leave, sizeof leave - 1);
        if (has_modes) tcsetattr(STDIN_FILENO, TCSANOW, &cooked);
        armed = 0;
    }
    for (int i = 0; i < fatal_count; i++)
        if (fatal[i] == signal) sigaction(signal, &previous[i], 0);
    // Returning runs the faulting instruction again, under the previous handler; one that was sent is sent again.
    raise(signal);
}

void terminal_guard_arm(void) {
    has_modes = tcgetattr(STDIN_FILENO, &cooked) == 0;
    armed = 1;
    struct sigaction action = {.sa_handler = restore, .sa_flags = SA_ONSTACK | SA_NODEFER};
    for (int i = 0; i < fatal_count; i++) sigaction(fatal[i], &action, &previous[i]);
}

void terminal_guard_disarm(void) {
    armed = 0;
    for (int i = 0; i < fatal_count; i++) sigaction(fatal[i], &previous[i], 0);
}
