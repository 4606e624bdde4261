#include "server/pipeline/control_writer.h"

#include <algorithm>
#include <utility>

#include "proto/json_writer.h"
#include "server/logging.h"

namespace tagswell {
namespace {

AuditEntry AuditOf(const BlockChange& change, const std::string& remote) {
  return {.at = change.at,
          .by = std::string(change.by),
          .remote = remote,
          .action = change.lifted ? "unblock" : "block",
          .subject = std::string(change.topic)};
}

std::string_view ActionOf(ReviewWord word) {
  switch (word) {
    case ReviewWord::kApproved:
      return "approve";
    case ReviewWord::kRejected:
      return "reject";
    case ReviewWord::kTakenBack:
      return "unreview";
    case ReviewWord::kRequired:
      return "review_on";
    case ReviewWord::kNotRequired:
      return "review_off";
  }
  return "";
}

AuditEntry AuditOf(const ReviewChange& change, const std::string& remote) {
  return {.at = change.at,
          .by = std::string(change.by),
          .remote = remote,
          .action = std::string(ActionOf(change.word)),
          .subject = std::string(change.topic)};
}

AuditEntry AuditOf(const AliasChange& change, const std::string& remote) {
  AuditEntry entry{.at = change.at,
                   .by = std::string(change.by),
                   .remote = remote,
                   .action = change.removed ? "unalias" : "alias",
                   .subject = std::string(change.topic)};
  if (change.removed) return entry;
  JsonWriter json;
  json.BeginObject();
  for (const auto& [name, words] : {std::pair("tags", &change.tags), std::pair("phrases", &change.phrases)}) {
    json.Key(name);
    json.BeginArray();
    for (const std::string_view word : *words) json.Value(word);
    json.EndArray();
  }
  json.EndObject();
  entry.detail = json.Take();
  return entry;
}

}  // namespace

ControlWriter::ControlWriter(PostLog& log, const Clock& clock, std::vector<Alias> configured, Ways ways)
    : log_(log), clock_(clock), ways_(std::move(ways)), aliases_(std::move(configured)) {}

std::expected<void, Error> ControlWriter::Start(const BlockList& blocks, const ReviewList& reviews,
                                                const AliasGroups& groups, Configured configured) {
  // Of what is shown first, so that nothing that waits is told by the rest.
  reviews_.Restore(reviews);
  if (const auto change = reviews_.PlanConfigured(configured.review, clock_.Now())) {
    if (auto committed = Commit(*change, {}); !committed) return committed;
  }
  aliases_.Restore(groups);
  for (const std::string& topic : aliases_.Contradicted()) {
    Log(LogLevel::kWarn, "the configuration groups these tags otherwise: alias removed", {{"topic", topic}});
    const AliasCall call{.alias = {.topic = topic, .tags = {}, .phrases = {}}, .remove = true};
    if (auto removed = Group(call); !removed) return std::unexpected(removed.error());
  }
  blocks_.Restore(blocks);
  std::vector<std::string>& blocked = configured.blocked;
  std::ranges::sort(blocked);
  blocked.erase(std::unique(blocked.begin(), blocked.end()), blocked.end());
  const std::vector<BlockChange> changes = blocks_.PlanConfigured(blocked, clock_.Now());
  return changes.empty() ? std::expected<void, Error>() : Commit(changes, {});
}

std::expected<BlockSeq, Error> ControlWriter::HandOn(std::expected<std::shared_ptr<const LogBlock>, Error> block) {
  if (!block) {
    ways_.fail(block.error());
    return std::unexpected(block.error());
  }
  const BlockSeq seq = (*block)->seq;
  ways_.hand_on(std::move(*block));
  return seq;
}

std::expected<void, Error> ControlWriter::Commit(std::span<const BlockChange> changes, const std::string& remote) {
  std::vector<AuditEntry> audit;
  for (const BlockChange& change : changes) audit.push_back(AuditOf(change, remote));
  const auto committed = HandOn(log_.AppendControl(changes, ways_.engine_time(), audit));
  if (!committed) return std::unexpected(committed.error());
  for (const BlockChange& change : changes) blocks_.Apply(change);
  return {};
}

std::expected<void, Error> ControlWriter::Commit(const ReviewChange& change, const std::string& remote) {
  const AuditEntry audit = AuditOf(change, remote);
  const auto committed = HandOn(log_.AppendControl(change, ways_.engine_time(), {&audit, 1}));
  if (!committed) return std::unexpected(committed.error());
  reviews_.Apply(change);
  return {};
}

std::expected<BlockAnswer, Error> ControlWriter::Block(const BlockCall& call) {
  const auto before = blocks_.Find(call.topic);
  const auto change = blocks_.Plan(call, clock_.Now());
  if (!change) return std::unexpected(change.error());
  if (*change) {
    if (auto committed = Commit({&**change, 1}, call.remote); !committed) return std::unexpected(committed.error());
  }
  const auto after = blocks_.Find(call.topic);
  return BlockAnswer{.changed = change->has_value(), .block = after ? *after : *before};
}

std::expected<ReviewAnswer, Error> ControlWriter::Review(const ReviewCall& call) {
  const auto before = reviews_.Find(call.topic);
  const auto change = reviews_.Plan(call, clock_.Now());
  if (!change) return std::unexpected(change.error());
  if (*change) {
    if (auto committed = Commit(**change, call.remote); !committed) return std::unexpected(committed.error());
  }
  const auto after = reviews_.Find(call.topic);
  return ReviewAnswer{.changed = change->has_value(), .created = !before, .review = after ? *after : *before};
}

std::expected<AliasAnswer, Error> ControlWriter::Group(const AliasCall& call) {
  const AliasGroups::ByTopic before = aliases_.All();
  const auto known = before.find(call.alias.topic);
  const auto change = aliases_.Plan(call, clock_.Now());
  if (!change) return std::unexpected(change.error());
  if (*change) {
    const AuditEntry audit = AuditOf(**change, call.remote);
    const auto block = HandOn(log_.AppendControl(**change, ways_.engine_time(), {&audit, 1}));
    if (!block) return std::unexpected(block.error());
    aliases_.Apply(**change, static_cast<std::uint64_t>(*block));
  }
  AliasAnswer answer{.changed = change->has_value(), .created = !call.remove && known == before.end(), .group = {}};
  answer.group = call.remove ? known->second : aliases_.All().find(call.alias.topic)->second;
  return answer;
}

}  // namespace tagswell
