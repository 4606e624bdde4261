// The webhooks that there are, each with its courier. Thread-safe.
#pragma once

#include <cstddef>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/error.h"
#include "server/clock.h"
#include "server/pipeline/pipeline.h"
#include "server/webhooks/address_rule.h"
#include "server/webhooks/webhook_courier.h"

namespace tagswell {

struct WebhookOptions {
  WebhookRules rules;
  AddressRule addresses;
};

class Webhooks {
 public:
  // Each has a thread.
  static constexpr std::size_t kWebhooksMax = 32;

  // Everything outlives the webhooks.
  Webhooks(WebhookOptions options, Pipeline& pipeline, const Clock& clock);
  ~Webhooks();

  // Reads what there is, and sends its couriers out.
  std::expected<void, Error> Start();

  // There are new events. Any thread; never waits.
  void Wake() { bell_.Ring(); }

  // Makes or changes one; `done` is told whether it is new. A new one gets the events from now on. Errors: bad_url,
  // bad_secret, too_many_webhooks, those of Pipeline::Submit. `done` as for Pipeline::Submit.
  void Put(std::string name, Webhook webhook, std::string remote,
           std::move_only_function<void(std::expected<bool, Error>)> done);
  // Error besides: not_found.
  void Remove(std::string name, std::string by, std::string remote,
              std::move_only_function<void(std::expected<void, Error>)> done);

  struct State {
    Webhook webhook;
    WebhookCourier::Progress progress;
  };
  std::optional<State> Find(const std::string& name) const;
  std::map<std::string, State> All() const;

  WebhookTable& table();

 private:
  struct Running {
    Webhook webhook;
    std::unique_ptr<WebhookCourier> courier;
  };
  std::expected<bool, Error> Change(const std::string& name, const Webhook& webhook, const std::string& remote);
  std::expected<void, Error> Drop(const std::string& name, const std::string& by, const std::string& remote);

  const WebhookOptions options_;
  Pipeline& pipeline_;
  const Clock& clock_;
  EventBell bell_;
  const WebhookOffice office_;
  mutable std::mutex mutex_;
  std::map<std::string, Running> running_;
  std::vector<std::unique_ptr<WebhookCourier>> leaving_;  // of webhooks that were removed, until they have ended
};

}  // namespace tagswell
