// test_cluster_findings.c -- sentences for people, kinds for programs.
// SPDX-License-Identifier: MIT
#include "stage3-sharding/cluster_findings.h"

#include <jansson.h>

#include "tests/test.h"

static void expect(const struct findings *findings, const char *text)
{
    struct buffer out = {0};
    findings_text(findings, &out);
    buffer_append_byte(&out, '\0');
    ck_assert_str_eq(out.data, text);
    buffer_deinit(&out);
}

TEST(without_findings_nothing_is_wrong)
{
    struct findings findings = {0};
    expect(&findings, "Nothing is wrong.\n");
    ck_assert_uint_eq(findings_count(&findings, FINDING_WRONG), 0);
    findings_deinit(&findings);
}

TEST(what_is_wrong_comes_before_what_may_be)
{
    struct findings findings = {0};
    findings_add(&findings, FINDING_RISK, "worn", "the %s is worn.", "disk");
    expect(&findings, "Nothing is wrong.\n"
                      "What can fail next:\n"
                      "  - the disk is worn.\n");
    findings_add(&findings, FINDING_WRONG, "gone",
                 "n1 is gone, and so that this is long enough for two lines, "
                 "it was the best of them.");
    expect(&findings,
           "Wrong now:\n"
           "  - n1 is gone, and so that this is long enough for two lines, it "
           "was the best\n"
           "    of them.\n"
           "What can fail next:\n"
           "  - the disk is worn.\n");
    ck_assert_uint_eq(findings_count(&findings, FINDING_WRONG), 1);
    ck_assert_uint_eq(findings_count(&findings, FINDING_RISK), 1);
    findings_deinit(&findings);
}

TEST(json_has_both_parts)
{
    struct findings findings = {0};
    findings_add(&findings, FINDING_RISK, "worn", "the disk is worn.");
    json_t *json = findings_json(&findings);
    json_t *risks = json_object_get(json, "risks");
    json_t *kind = json_object_get(json_array_get(risks, 0), "kind");
    ck_assert_uint_eq(json_array_size(json_object_get(json, "wrong")), 0);
    ck_assert_uint_eq(json_array_size(risks), 1);
    ck_assert_str_eq(json_string_value(kind), "worn");
    json_decref(json);
    findings_deinit(&findings);
}
