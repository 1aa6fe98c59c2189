// cli_options.c -- getopt over the options; the first other word begins the
// command.
// SPDX-License-Identifier: MIT
#include "common/client/cli_options.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/client/cli_stage.h"

enum {
    OPTION_USER = 256,
    OPTION_JSON,
    OPTION_RAW,
    OPTION_NO_RAW,
    OPTION_PIPE,
    OPTION_TIMEOUT,
    OPTION_HELP,
    OPTION_VERSION,
};

static const double SECONDS_MAX = 1e6; // 11 days; fits an int of ms.

void cli_print_usage(FILE *out)
{
    fputs(
        "Usage: vega-client [options] [command [argument ...]]\n"
        "       vega-client HOST PORT [command [argument ...]]\n"
        "       vega-client [options] bench [bench options]\n"
        "\n"
        "With a command: runs it once and prints the reply. Without one:\n"
        "a prompt on a terminal, else one command a line from standard\n"
        "input.\n"
        "\n"
        "  -h HOST          server, by name or address (127.0.0.1)\n"
        "  -p PORT          its port (6379)\n"
        "  -s PATH          its unix socket, instead of host and port\n"
        "  -a PASSWORD      password; better in the environment, as\n"
        "                   VEGA_PASSWORD or REDISCLI_AUTH\n"
        "  --user NAME      user that the password belongs to\n"
        "  -2, -3           protocol: RESP2 (default) or RESP3\n"
        "  --timeout SEC    give up a command without a reply (never)\n"
        "  -r N             run the command N times\n"
        "  -i SEC           wait SEC seconds between two runs (0.5, say)\n"
        "  -x               last argument from standard input\n"
        "  --raw, --no-raw  plain replies, or with their types; the first\n"
        "                   unless standard output is a terminal\n"
        "  --json           replies as JSON (and RESP3)\n"
        "  --pipe           send RESP from standard input; count the replies\n"
        "  --help, --version\n"
        "\n"
        "Exit: 0 done, 1 the server answered with an error, 2 no connection\n"
        "or a wrong option. See also: vega-client bench --help\n",
        out);
}

void cli_print_tools(FILE *out, const struct cli_stage *stage)
{
    if (stage->make_route_of_file)
        fputs(
            "\n"
            "  -c, --cluster FILE   instead of -h and -p: all nodes, from the\n"
            "                       cluster.yaml that they read themselves\n",
            out);
    if (stage->tools)
        fputs("\n"
              "These the client answers itself, here and at the prompt; every\n"
              "other command, also of the same first word, is the server's:\n"
              "\n",
              out);
    for (const struct cli_tool *tool = stage->tools; tool && tool->name; tool++)
        fprintf(out, "  %s %s\n      %s\n", tool->name, tool->arguments,
                tool->summary);
}

bool cli_parse_number(const char *text, int64_t min, int64_t max,
                      int64_t *value)
{
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (end == text || *end || errno || number < min || number > max)
        return false;
    *value = number;
    return true;
}

static bool parse_milliseconds(const char *text, int64_t *value_ms)
{
    char *end;
    double seconds = strtod(text, &end);
    if (end == text || *end || !(seconds >= 0 && seconds <= SECONDS_MAX))
        return false;
    *value_ms = (int64_t)ceil(seconds * 1000);
    return true;
}

// A word before a number that can't be a command: it has a dot or a colon.
static bool looks_like_host(const char *text)
{
    return strchr(text, '.') || strchr(text, ':') ||
           strcmp(text, "localhost") == 0;
}

static bool take_host_and_port(struct cli_options *options, int argc,
                               char **argv)
{
    int64_t port;
    if (argc < 3 || !looks_like_host(argv[1]) ||
        !cli_parse_number(argv[2], 1, UINT16_MAX, &port))
        return false;
    options->server.host = argv[1];
    options->server.port = (int)port;
    return true;
}

static enum cli_parsed refuse(const char *name, const char *text,
                              const char *wanted)
{
    fprintf(stderr, "vega-client: -%s %s: %s\n", name, text, wanted);
    return CLI_PARSED_WRONG;
}

static enum cli_parsed apply(struct cli_options *options, int option,
                             char *text)
{
    struct vega_options *server = &options->server;
    int64_t number;
    switch (option) {
    case 'h':
        server->host = text;
        return CLI_PARSED;
    case 'p':
        if (!cli_parse_number(text, 1, UINT16_MAX, &number))
            return refuse("p", text, "a port is a number from 1 to 65535");
        server->port = (int)number;
        return CLI_PARSED;
    case 's':
        server->unix_socket = text;
        return CLI_PARSED;
    case 'a':
        server->password = text;
        return CLI_PARSED;
    case 'c':
        options->cluster_file = text;
        return CLI_PARSED;
    case 'r':
        if (!cli_parse_number(text, 1, INT64_MAX, &options->repeat))
            return refuse("r", text, "a number from 1 is needed");
        return CLI_PARSED;
    case 'i':
        if (!parse_milliseconds(text, &options->interval_ms))
            return refuse("i", text, "a number of seconds is needed");
        return CLI_PARSED;
    case 'x':
        options->takes_last_input = true;
        return CLI_PARSED;
    case '2':
    case '3':
        server->protocol = option - '0';
        return CLI_PARSED;
    default:
        return CLI_PARSED_WRONG;
    }
}

static enum cli_parsed apply_long(struct cli_options *options, int option,
                                  char *text)
{
    int64_t timeout_ms;
    switch (option) {
    case OPTION_USER:
        options->server.user = text;
        return CLI_PARSED;
    case OPTION_TIMEOUT:
        if (!parse_milliseconds(text, &timeout_ms))
            return refuse("-timeout", text, "a number of seconds is needed");
        options->server.command_timeout_ms = (int)timeout_ms;
        return CLI_PARSED;
    case OPTION_JSON:
        options->format = CLI_FORMAT_JSON;
        options->server.protocol = 3;
        return CLI_PARSED;
    case OPTION_RAW:
        options->format = CLI_FORMAT_RAW;
        return CLI_PARSED;
    case OPTION_NO_RAW:
        options->format = CLI_FORMAT_LABELLED;
        return CLI_PARSED;
    case OPTION_PIPE:
        options->is_pipe = true;
        return CLI_PARSED;
    case OPTION_HELP:
        return CLI_PARSED_HELP;
    case OPTION_VERSION:
        return CLI_PARSED_VERSION;
    default:
        return CLI_PARSED_WRONG;
    }
}

static const char *password_of_environment(void)
{
    const char *password = getenv("VEGA_PASSWORD");
    if (!password)
        password = getenv("REDISCLI_AUTH");
    return password && *password ? password : NULL;
}

enum cli_parsed cli_options_parse(struct cli_options *options, int argc,
                                  char **argv)
{
    static const struct option names[] = {
        {"cluster", required_argument, NULL, 'c'},
        {"user", required_argument, NULL, OPTION_USER},
        {"timeout", required_argument, NULL, OPTION_TIMEOUT},
        {"json", no_argument, NULL, OPTION_JSON},
        {"raw", no_argument, NULL, OPTION_RAW},
        {"no-raw", no_argument, NULL, OPTION_NO_RAW},
        {"pipe", no_argument, NULL, OPTION_PIPE},
        {"help", no_argument, NULL, OPTION_HELP},
        {"version", no_argument, NULL, OPTION_VERSION},
        {0},
    };
    *options = (struct cli_options){
        .repeat = 1,
        .format = isatty(STDOUT_FILENO) ? CLI_FORMAT_LABELLED : CLI_FORMAT_RAW,
    };
    options->server.password = password_of_environment();
    // '+' ends the options at the first word that is none. After HOST PORT they
    // begin behind those.
    int skipped = take_host_and_port(options, argc, argv) ? 2 : 0;
    enum cli_parsed parsed = CLI_PARSED;
    int option;
    optind = 0; // A fresh scan, as getopt(3) of glibc wants it.
    opterr = 0;
    while (parsed == CLI_PARSED &&
           (option = getopt_long(argc - skipped, argv + skipped,
                                 "+:h:p:s:a:c:r:i:x23", names, NULL)) != -1)
        parsed = option > UINT8_MAX ? apply_long(options, option, optarg)
                                    : apply(options, option, optarg);
    options->first = optind + skipped;
    if (option == '?' || option == ':')
        fprintf(stderr, "vega-client: %s: %s\n", argv[skipped + optind - 1],
                option == ':'        ? "needs a value"
                : optopt > UINT8_MAX ? "takes no value"
                                     : "no such option");
    return parsed;
}
