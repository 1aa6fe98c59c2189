// test_info.c -- the text of INFO: sections, selection, order.
// SPDX-License-Identifier: MIT
#include "common/server/info.h"
#include "tests/test.h"

// Server and Memory by default, Commandstats when asked for; Memory is filled
// from two places.
static void fill(struct info *info)
{
    info_section(info, "Server", false);
    info_field(info, "version", "%d.%d", 7, 0);
    info_section(info, "Memory", false);
    info_field(info, "used", "%d", 1);
    info_section(info, "Commandstats", true);
    info_field(info, "cmdstat_get", "calls=%d", 5);
    info_section(info, "Memory", false);
    info_field(info, "peak", "%s", "2");
}

static void expect_sections(const struct slice *wanted, size_t count,
                            const char *text)
{
    struct info info;
    struct buffer out = {0};
    info_init(&info, wanted, count);
    fill(&info);
    info_format(&info, &out);
    buffer_append_byte(&out, '\0');
    ck_assert_str_eq(out.data, text);
    buffer_deinit(&out);
    info_deinit(&info);
}

#define SERVER_TEXT "# Server\r\nversion:7.0\r\n"
#define MEMORY_TEXT "# Memory\r\nused:1\r\npeak:2\r\n"
#define STATS_TEXT "# Commandstats\r\ncmdstat_get:calls=5\r\n"

TEST(without_names_the_default_sections_are_written)
{
    expect_sections(NULL, 0, SERVER_TEXT "\r\n" MEMORY_TEXT);
}

TEST(default_names_the_default_sections)
{
    expect_sections(&SLICE("DEFAULT"), 1, SERVER_TEXT "\r\n" MEMORY_TEXT);
}

TEST(all_and_everything_add_the_extra_sections)
{
    const char *all = SERVER_TEXT "\r\n" MEMORY_TEXT "\r\n" STATS_TEXT;
    expect_sections(&SLICE("all"), 1, all);
    expect_sections(&SLICE("Everything"), 1, all);
}

TEST(a_section_is_found_by_its_name_in_any_case)
{
    expect_sections(&SLICE("mEMORY"), 1, MEMORY_TEXT);
    expect_sections(&SLICE("commandstats"), 1, STATS_TEXT);
}

TEST(several_names_select_several_sections_in_the_order_of_info)
{
    const struct slice names[] = {SLICE("commandstats"), SLICE("server"),
                                  SLICE("commandstats")};
    expect_sections(names, 3, SERVER_TEXT "\r\n" STATS_TEXT);
}

TEST(default_and_a_name_select_both)
{
    const struct slice names[] = {SLICE("commandstats"), SLICE("default")};
    expect_sections(names, 2, SERVER_TEXT "\r\n" MEMORY_TEXT "\r\n" STATS_TEXT);
}

TEST(an_unknown_section_is_empty)
{
    expect_sections(&SLICE("nosuch"), 1, "");
    expect_sections(&SLICE(""), 1, "");
}

TEST(a_section_without_fields_still_has_its_heading)
{
    struct info info;
    struct buffer out = {0};
    info_init(&info, NULL, 0);
    info_section(&info, "Keyspace", false);
    info_format(&info, &out);
    ck_assert(slice_equal(buffer_slice(&out), SLICE("# Keyspace\r\n")));
    buffer_deinit(&out);
    info_deinit(&info);
}
