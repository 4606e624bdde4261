#include "server/api/api_context.h"

#include <algorithm>
#include <utility>

#include "proto/tag_key.h"
#include "server/net/problem.h"

namespace tagswell {

std::expected<ParsedBody, Error> ParserPool::Parse(PostFormat format, BodyShape shape, std::string_view body,
                                                   Timestamp accept_until) {
  std::unique_ptr<BodyParser> parser;
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      parser = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  if (parser == nullptr) parser = std::make_unique<BodyParser>(resolver_, salt_);
  auto parsed = parser->Parse(format, shape, body, accept_until);
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(parser));
  return parsed;
}

ApiContext::ApiContext(std::string stream, const Config& config, const TopicResolver& resolver, Shared shared,
                       StreamMetrics& metrics)
    : stream_(std::move(stream)),
      config_(config),
      resolver_(resolver),
      shared_(shared),
      metrics_(metrics),
      posts_(RateOf(config.stream_posts_per_second, config.rate_limits.burst_seconds)) {}

void ApiContext::Ready(Pipeline& pipeline) {
  parsers_.emplace(resolver_, pipeline.store().salt());
  pipeline_.store(&pipeline, std::memory_order_release);
}

Response ApiContext::NotReady() const {
  Response response = draining_ ? Problem(503, "draining", "The server is shutting down.")
                                : Problem(503, "starting", "The server is reading its log. Try again soon.");
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

std::optional<LimitHit> ApiContext::LimitOfPosts(const Payer& payer) {
  const Rate::Time now = SteadyNow();
  auto hit = shared_.limits.WaitForPosts(payer, now);
  if (const Rate::Time wait = posts_.Wait(now); !hit && wait > Rate::Time(0)) hit = {LimitKind::kStreamPosts, wait};
  if (hit) shared_.metrics.OnLimited(hit->kind);
  return hit;
}

void ApiContext::OwePosts(const Payer& payer, const std::expected<ParsedBody, Error>& parsed) {
  std::uint64_t posts = 0;
  if (parsed) posts = parsed->batch.size() + parsed->batch.Deletions() + parsed->ignored + parsed->rejected;
  posts = std::max<std::uint64_t>(posts, 1);  // nothing good was work too
  shared_.limits.OwePosts(payer, SteadyNow(), posts);
  posts_.Owe(SteadyNow(), posts);
}

std::expected<ParsedBody, Error> ApiContext::ReadPosts(PostFormat format, BodyShape shape, std::string_view body,
                                                       const Payer& payer) {
  auto parsed = parsers_->Parse(format, shape, body, AcceptUntil());
  OwePosts(payer, parsed);
  if (!parsed) {
    metrics_.CountRejected(parsed.error().code, 1);
    return parsed;
  }
  for (const LineError& error : parsed->errors) metrics_.CountRejected(error.error.code, 1);
  if (parsed->rejected > parsed->errors.size())
    metrics_.CountRejected("other", static_cast<double>(parsed->rejected - parsed->errors.size()));
  return parsed;
}

Timestamp ApiContext::AcceptUntil() const {
  if (config_.clock == ClockMode::kEvent) return kTimestampMax;
  // The later of the two while they differ: nobody's posts are refused for a wrong clock of ours.
  const Pipeline* pipeline = pipeline_.load(std::memory_order_acquire);
  const Timestamp now = pipeline ? std::max(clock().Now(), pipeline->Present()) : clock().Now();
  return now + std::chrono::seconds(config_.future_seconds);
}

std::optional<std::string> ApiContext::CountedTopicOf(std::string_view tag) const {
  Arena arena;
  std::vector<Mention> mentions;
  const std::string_view tags[] = {WithoutOpener(tag)};
  resolver_.FromTags(tags, {}, arena, mentions);
  return mentions.empty() ? std::nullopt : std::optional(std::string(mentions.front().topic));
}

std::string ApiContext::TopicOf(std::string_view tag) const {
  return CountedTopicOf(tag).value_or(TagKey(tag));
}

std::expected<std::string, Response> TopicParam(const ApiContext& api, const Request& request, std::string_view name) {
  if (auto topic = api.CountedTopicOf(request.PathParam(name))) return std::move(*topic);
  return std::unexpected(Problem(422, "bad_tag",
                                 "A tag holds a letter, no control characters, and at most 1024 bytes in UTF-8.",
                                 std::string(name)));
}

Handler WithPipeline(ApiContext& api, std::function<void(Pipeline&, Request&&, Reply)> handler) {
  return [&api, handler = std::move(handler)](Request&& request, Reply reply) {
    Pipeline* pipeline = api.pipeline();
    if (pipeline == nullptr) return reply(api.NotReady());
    handler(*pipeline, std::move(request), std::move(reply));
  };
}

Response JsonResponse(int status, std::string body) {
  Response response;
  response.status = status;
  response.content_type = "application/json";
  response.body = std::move(body);
  return response;
}

Response SubmitProblem(const Error& error) {
  int status = 503;
  if (error.code == "overloaded") status = 429;
  if (error.code == "disk_full" || error.code == "quota_reached") status = 507;
  if (error.code == "not_found") status = 404;
  if (error.code == "blocked_by_configuration") status = 409;
  if (error.code == "alias_conflict" || error.code == "fixed_by_configuration") status = 409;
  if (error.code == "too_many_blocks" || error.code == "too_many_aliases" || error.code == "bad_alias") status = 422;
  if (error.code == "too_many_reviews") status = 422;
  if (error.code == "bad_url" || error.code == "bad_secret" || error.code == "too_many_webhooks") status = 422;
  Response response = Problem(status, error);
  if (status == 429 || status == 503) response.headers.emplace_back("Retry-After", "1");
  return response;
}

}  // namespace tagswell
