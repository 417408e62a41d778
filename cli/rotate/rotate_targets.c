/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/rotate/rotate_targets.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/clock.h"
#include "base/text.h"
#include "cli/app.h"
#include "cli/cloud/canary.h"
#include "cli/cloud/sign_in.h"
#include "cli/rotate/rotate.h"
#include "cli/rotate/rotate_settings.h"
#include "client/rotation/rotation.h"
#include "client/tenant/sites.h"
#include "client/uat/uat_config.h"

#define TCM	 "tcm"
#define UUID_LEN 36
#define PAUSE_MS 250
#define DOUBLED	 4 /* times at most */
#define SETTLE_S 30

/* The resources of a configuration, on their way to be targets. */
struct search {
	struct rotate *rotate;
	struct sg_api *api;
	struct sg_sites *sites; /* listed when one of them is needed */
	struct sg_err list_failure;
};

void
rotate_pause(unsigned int look)
{
	unsigned int times = look < DOUBLED ? look : DOUBLED;
	const struct timespec pause = sg_clock_timespec(PAUSE_MS << times);

	(void)nanosleep(&pause, NULL);
}

/* The content URL that --canary-site gives for this site; NULL: none. */
static const char *
given_url(const struct app *app, const char *id)
{
	const struct sg_list *given = &app->args.lists[OPT_CANARY_SITE];
	size_t i;

	for (i = 0; i < given->count; i++)
		if (strncasecmp(given->items[i], id, UUID_LEN) == 0 &&
		    given->items[i][UUID_LEN] == '=')
			return given->items[i] + UUID_LEN + 1;
	return NULL;
}

static enum sg_rc
check_given(const struct app *app, struct sg_err *err)
{
	const struct sg_list *given = &app->args.lists[OPT_CANARY_SITE];
	char id[UUID_LEN + 1];
	size_t i;

	for (i = 0; i < given->count; i++) {
		(void)snprintf(id, sizeof(id), "%s", given->items[i]);
		if (!sg_text_is_uuid(id) || given->items[i][UUID_LEN] != '=')
			return sg_fail(err, SG_E_USAGE,
			    "--canary-site is a site's id, \"=\" and its "
			    "content URL, not \"%s\"",
			    given->items[i]);
	}
	return SG_OK;
}

static const char *
listed_url(struct search *search, const char *id)
{
	const struct sg_site *site = NULL;
	enum sg_rc rc = search->list_failure.rc;

	if (rc == SG_OK && search->sites == NULL)
		rc = sg_sites_list(
		    search->api, NULL, &search->sites, &search->list_failure);
	if (rc != SG_OK ||
	    sg_sites_find(search->sites, id, &site, NULL) != SG_OK)
		return NULL;
	return site->content_url;
}

static enum sg_rc
find_url(struct search *search, const char *id, const char **out_url,
    struct sg_err *err)
{
	struct app *app = search->rotate->app;
	const char *luid = NULL;
	enum sg_rc rc;

	*out_url = given_url(app, id);
	if (*out_url != NULL)
		return SG_OK;
	rc = conf_get(app->conf, CONF_SITE_LUID, &luid, err);
	if (rc == SG_OK && luid != NULL && strcasecmp(luid, id) == 0)
		rc = conf_get(app->conf, CONF_SITE_ID, out_url, err);
	if (rc != SG_OK || *out_url != NULL)
		return rc;
	*out_url = listed_url(search, id);
	if (*out_url != NULL)
		return SG_OK;
	return sg_fail(err, SG_E_CONFIG,
	    "the configuration lists the site %s, where the keys must be "
	    "tried, and its content URL is not known%s%s; tell it with "
	    "--canary-site %s=CONTENT-URL",
	    id, search->list_failure.rc != SG_OK ? ": " : "",
	    search->list_failure.text, id);
}

static enum sg_rc
add_site(struct search *search, const char *id, struct sg_err *err)
{
	struct app *app = search->rotate->app;
	SG_AUTO_STR target = NULL;
	const char *pod = NULL;
	const char *url = NULL;
	enum sg_rc rc;

	if (!sg_text_is_uuid(id))
		return sg_fail(err, SG_E_REFUSED,
		    "the configuration lists the resource \"%s\", which is no "
		    "UUID; correct it with signet uat update --resource",
		    id);
	rc = conf_need(app->conf, CONF_POD_URL, &pod, err);
	if (rc == SG_OK)
		rc = find_url(search, id, &url, err);
	if (rc != SG_OK)
		return rc;
	if (asprintf(&target, "%s=%s", id, url) < 0) {
		target = NULL;
		return sg_fail_nomem(err);
	}
	return sg_list_add(&search->rotate->rotation->targets, target, err);
}

static enum sg_rc
add_targets(struct search *search, const struct sg_uat_config *config,
    struct sg_err *err)
{
	struct rotate *rotate = search->rotate;
	const char *tenant = config->tenant_id;
	enum sg_rc rc = SG_OK;
	size_t i;

	if (tenant == NULL)
		rc = conf_get(rotate->app->conf, CONF_TENANT_ID, &tenant, err);
	for (i = 0; rc == SG_OK && i < config->resource_ids.count; i++) {
		const char *id = config->resource_ids.items[i];

		if (tenant != NULL && strcasecmp(id, tenant) == 0)
			rc = sg_list_add(&rotate->rotation->targets, TCM, err);
		else
			rc = add_site(search, id, err);
	}
	return rc;
}

enum sg_rc
rotate_targets_find(struct rotate *rotate, const struct sg_uat_config *config,
    struct sg_api *api, struct sg_err *err)
{
	struct search search = {.rotate = rotate, .api = api};
	enum sg_rc rc;

	rc = check_given(rotate->app, err);
	if (rc == SG_OK)
		rc = add_targets(&search, config, err);
	sg_sites_free(&search.sites);
	if (rc == SG_OK && rotate->rotation->targets.count == 0)
		return sg_fail(err, SG_E_POLICY,
		    "the configuration lists no resource, so no key can be "
		    "tried; add some with signet uat update --resource");
	return rc;
}

static enum sg_rc
try_target(struct rotate *rotate, const char *target, struct sg_err *err)
{
	SG_AUTO_STR id = NULL;
	struct sign_in_site site = {0};
	enum sg_rc rc;

	if (strcmp(target, TCM) == 0)
		return canary_tcm(rotate->app, err);
	rc = sg_str_copy(target, &id, err);
	if (rc != SG_OK)
		return rc;
	id[strcspn(id, "=")] = '\0';
	site.id = id;
	site.content_url = target + strlen(id) + 1;
	rc = conf_need(rotate->app->conf, CONF_POD_URL, &site.pod_url, err);
	return rc == SG_OK ? canary_tableau(rotate->app, &site, err) : rc;
}

int64_t
rotate_settle_s(const struct sg_rotation *r)
{
	return r->publish_s < SETTLE_S ? r->publish_s : SETTLE_S;
}

/* For how long each kind of answer is not taken for the last word. */
struct patience {
	int64_t refusal_end_ms; /* the service's own, of the JWT */
	int64_t trouble_ms;	/* any other: it says nothing of the JWT */
};

static int64_t
end_of(const struct patience *patience, enum sg_rc rc, int64_t begun_ms)
{
	int64_t trouble_end_ms = begun_ms + patience->trouble_ms;

	if (rc == SG_E_SESSION)
		return patience->refusal_end_ms;
	if (rc != SG_E_REFUSED)
		return begun_ms;
	return trouble_end_ms > patience->refusal_end_ms
		   ? trouble_end_ms
		   : patience->refusal_end_ms;
}

static enum sg_rc
try_until(struct rotate *rotate, const char *target,
    const struct patience *patience, struct sg_err *err)
{
	int64_t begun_ms = sg_clock_mono_ms();
	unsigned int looks = 0;
	struct sg_err fault;
	enum sg_rc rc;

	for (;;) {
		memset(&fault, 0, sizeof(fault));
		rc = try_target(rotate, target, &fault);
		if (rc == SG_OK ||
		    sg_clock_mono_ms() >= end_of(patience, rc, begun_ms))
			return sg_fail_again(err, rc, &fault);
		app_trace(rotate->app, "not taken yet at %s", target);
		rotate_pause(looks++);
	}
}

static struct patience
patience_for(const struct rotate *rotate, int64_t within_s)
{
	const struct patience patience = {
	    .refusal_end_ms = sg_clock_mono_ms() + within_s * 1000,
	    .trouble_ms = rotate_settle_s(rotate->rotation) * 1000,
	};

	return patience;
}

enum sg_rc
rotate_targets_try(
    struct rotate *rotate, bool new_key, int64_t within_s, struct sg_err *err)
{
	const struct sg_list *targets = &rotate->rotation->targets;
	const struct patience patience = patience_for(rotate, within_s);
	enum sg_rc rc;
	size_t i;

	rc = rotate_settings_use(rotate, new_key, err);
	for (i = 0; rc == SG_OK && i < targets->count; i++) {
		rc = try_until(rotate, targets->items[i], &patience, err);
		rc = sg_context(err, rc, "sign in at %s with the %s key",
		    targets->items[i], new_key ? "new" : "old");
	}
	return rc;
}

enum sg_rc
rotate_targets_settle(struct rotate *rotate, struct sg_err *err)
{
	const struct patience patience = patience_for(rotate, 0);
	struct sg_rotation *r = rotate->rotation;
	struct sg_list stay = {0};
	struct sg_err fault = {0};
	enum sg_rc rc = SG_OK;
	size_t i;

	for (i = 0; rc == SG_OK && i < r->targets.count; i++) {
		sg_err_clear(&fault);
		rc = try_until(rotate, r->targets.items[i], &patience, &fault);
		if (rc == SG_OK)
			rc = sg_list_add(&stay, r->targets.items[i], &fault);
		else if (rc == SG_E_SESSION &&
			 (stay.count > 0 || i + 1 < r->targets.count)) {
			app_hint(rotate->app,
			    "the key in use is refused at %s, so the new one "
			    "is not tried there: %s",
			    r->targets.items[i], fault.text);
			rc = SG_OK;
		}
	}
	sg_list_clear(&r->targets);
	r->targets = stay;
	if (rc != SG_OK || stay.count > 0)
		return sg_context(err, sg_fail_again(err, rc, &fault),
		    "check that the key in use signs in");
	return sg_fail(err, SG_E_REFUSED,
	    "the key in use signs in nowhere; see what is wrong with: signet "
	    "uat check");
}
