#include "server/webhooks/webhooks.h"

#include <utility>

#include "proto/json_writer.h"
#include "server/webhooks/outbound_http.h"
#include "server/webhooks/signature.h"

namespace tagswell {
namespace {

// Everything but the secret.
std::string Detail(const Webhook& webhook) {
  JsonWriter json;
  json.BeginObject();
  json.Field("url", webhook.url);
  for (const auto& [name, texts] : {std::pair("scopes", &webhook.scopes), std::pair("topics", &webhook.topics),
                                    std::pair("types", &webhook.types)}) {
    json.Key(name);
    json.BeginArray();
    for (const std::string& text : *texts) json.Value(text);
    json.EndArray();
  }
  json.EndObject();
  return json.Take();
}

}  // namespace

Webhooks::Webhooks(WebhookOptions options, Pipeline& pipeline, const Clock& clock)
    : options_(std::move(options)),
      pipeline_(pipeline),
      clock_(clock),
      office_{.table = pipeline.store().webhooks(),
              .events = pipeline.store().events(),
              .epoch = pipeline.store().epoch(),
              .clock = clock,
              .addresses = options_.addresses,
              .rules = options_.rules,
              .topic_now = [&pipeline](const std::string& topic) { return pipeline.aliases().TopicOf(topic); },
              .bell = bell_} {}

Webhooks::~Webhooks() {
  for (const auto& [name, running] : running_) running.courier->Stop();
}

WebhookTable& Webhooks::table() {
  return pipeline_.store().webhooks();
}

std::expected<void, Error> Webhooks::Start() {
  auto all = table().All();
  if (!all) return std::unexpected(all.error());
  const std::lock_guard lock(mutex_);
  for (const auto& [name, webhook] : *all) {
    const auto cursor = table().Cursor(name);
    if (!cursor) return std::unexpected(cursor.error());
    running_[name] = {webhook, std::make_unique<WebhookCourier>(office_, name, webhook, *cursor)};
  }
  return {};
}

std::expected<bool, Error> Webhooks::Change(const std::string& name, const Webhook& webhook,
                                            const std::string& remote) {
  const std::lock_guard lock(mutex_);
  const auto known = running_.find(name);
  const bool is_new = known == running_.end();
  if (is_new && running_.size() >= kWebhooksMax) {
    return std::unexpected(
        Error{"too_many_webhooks", "At most " + std::to_string(kWebhooksMax) + " webhooks may be made.", "name"});
  }
  std::unique_ptr<WebhookCourier> before;
  if (!is_new) {
    before = std::move(known->second.courier);
    before->Stop();
  }
  std::optional<WebhookCursor> first;
  if (is_new) first = WebhookCursor{.after_seq = pipeline_.store().events().LastSeq()};
  const AuditEntry audit{.at = webhook.since,
                         .by = webhook.by,
                         .remote = remote,
                         .action = "webhook",
                         .subject = name,
                         .detail = Detail(webhook)};
  if (auto changed = table().Change(name, webhook, first, audit); !changed) return std::unexpected(changed.error());
  const auto cursor = table().Cursor(name);
  if (!cursor) return std::unexpected(cursor.error());
  running_[name] = {webhook, std::make_unique<WebhookCourier>(office_, name, webhook, *cursor, std::move(before))};
  return is_new;
}

std::expected<void, Error> Webhooks::Drop(const std::string& name, const std::string& by, const std::string& remote) {
  const std::lock_guard lock(mutex_);
  const auto known = running_.find(name);
  if (known == running_.end()) return std::unexpected(Error{"not_found", "There is no such webhook."});
  known->second.courier->Stop();
  std::erase_if(leaving_, [](const auto& courier) { return courier->ended(); });
  leaving_.push_back(std::move(known->second.courier));
  running_.erase(known);
  return table().Remove(name, {.at = clock_.Now(), .by = by, .remote = remote, .action = "unwebhook", .subject = name});
}

void Webhooks::Put(std::string name, Webhook webhook, std::string remote,
                   std::move_only_function<void(std::expected<bool, Error>)> done) {
  if (!IsHttpUrl(webhook.url)) {
    return done(std::unexpected(
        Error{"bad_url", "The URL must be http or https, with a host, without a user or a fragment.", "url"}));
  }
  if (!WebhookKey(webhook.secret)) {
    return done(
        std::unexpected(Error{"bad_secret", "The secret must be whsec_ and the base64 of 24 to 64 bytes.", "secret"}));
  }
  webhook.since = clock_.Now();
  pipeline_.Errand([this, name = std::move(name), webhook = std::move(webhook), remote = std::move(remote),
                    done = std::move(done)](std::expected<void, Error> turn) mutable {
    done(turn ? Change(name, webhook, remote) : std::unexpected(turn.error()));
  });
}

void Webhooks::Remove(std::string name, std::string by, std::string remote,
                      std::move_only_function<void(std::expected<void, Error>)> done) {
  pipeline_.Errand([this, name = std::move(name), by = std::move(by), remote = std::move(remote),
                    done = std::move(done)](std::expected<void, Error> turn) mutable {
    done(turn ? Drop(name, by, remote) : std::unexpected(turn.error()));
  });
}

std::optional<Webhooks::State> Webhooks::Find(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const auto found = running_.find(name);
  if (found == running_.end()) return std::nullopt;
  return State{found->second.webhook, found->second.courier->Now()};
}

std::map<std::string, Webhooks::State> Webhooks::All() const {
  std::map<std::string, State> all;
  const std::lock_guard lock(mutex_);
  for (const auto& [name, running] : running_) all[name] = {running.webhook, running.courier->Now()};
  return all;
}

}  // namespace tagswell
