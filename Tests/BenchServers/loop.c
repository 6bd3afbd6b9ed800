/* Pipelines of GETs by hiredis on one connection, as a C program does it. Arguments: socket, seconds, depth. */
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

int main(int count, char **words) {
    redisContext *context = redisConnectUnix(words[1]);
    if (!context || context->err || count < 4) return 1;
    double start = now(), end = start + atof(words[2]);
    int depth = atoi(words[3]);
    long done = 0;
    unsigned number = 1;
    while (now() < end) {
        for (int index = 0; index < depth; index++) {
            number = number * 1103515245 + 12345;
            redisAppendCommand(context, "GET key:%u", (number >> 8) % 100000);
        }
        for (int index = 0; index < depth; index++) {
            redisReply *reply;
            if (redisGetReply(context, (void **)&reply) != REDIS_OK || reply->type != REDIS_REPLY_STRING) return 1;
            freeReplyObject(reply);
            done++;
        }
    }
    printf("%f\n", done / (now() - start));
    return 0;
}
