// Webhooks on disk: where each goes, how far it has come, and what could not be brought. Change and Remove belong to
// the writer's thread, for they leave an entry in the audit log; the rest may be called from any thread.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/error.h"
#include "proto/time.h"
#include "storage/audit_log.h"

namespace tagswell {

struct Webhook {
  std::string url;
  std::string secret;               // as given: "whsec_" and base64
  std::vector<std::string> scopes;  // filters; an empty one lets everything through
  std::vector<std::string> topics;
  std::vector<std::string> types;
  Timestamp since;  // wall clock
  std::string by;   // name of a token; empty without one
};

// How far a webhook has come.
struct WebhookCursor {
  std::uint64_t after_seq = 0;  // everything up to it was brought, filtered out, or given up
  std::uint64_t attempts = 0;   // at the next one, so far
  Timestamp failing_since{};    // of the first of them; no meaning without any
};

// An event that was given up.
struct DeadLetter {
  std::uint64_t seq = 0;
  Timestamp at;  // when it was given up
  std::uint64_t attempts = 0;
  std::string reason;  // of the last attempt
};

class WebhookTable {
 public:
  explicit WebhookTable(Database& database, AuditLog& audit) : database_(database), audit_(audit) {}

  std::expected<std::map<std::string, Webhook, std::less<>>, Error> All() const;

  // Makes or changes one. `cursor` is where a new one begins; without it the cursor stays.
  std::expected<void, Error> Change(const std::string& name, const Webhook& webhook,
                                    const std::optional<WebhookCursor>& cursor, const AuditEntry& audit);
  // With its cursor and dead letters.
  std::expected<void, Error> Remove(const std::string& name, const AuditEntry& audit);

  std::expected<WebhookCursor, Error> Cursor(const std::string& name) const;
  // `dead`, where there is one, comes in with the cursor that passes it. Durable with the next sync of the log: what a
  // crash takes is brought again.
  std::expected<void, Error> Advance(const std::string& name, const WebhookCursor& cursor,
                                     const std::optional<DeadLetter>& dead = {});

  // Up to `limit` dead letters behind `since`, in order.
  std::expected<std::vector<DeadLetter>, Error> Dead(const std::string& name, std::uint64_t since,
                                                     std::size_t limit) const;

 private:
  Database& database_;
  AuditLog& audit_;
};

}  // namespace tagswell
