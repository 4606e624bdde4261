// Logs, metrics, problem details and tokens: small things with fixed forms.
#include <gtest/gtest.h>

#include "server/logging.h"
#include "server/metrics.h"
#include "server/net/access.h"
#include "server/net/problem.h"
#include "server/net/response_head.h"

namespace tagswell {
namespace {

TEST(Logging, WritesTextAndJsonOnOneLine) {
  EXPECT_EQ(FormatLogLine(LogFormat::kText, "T", LogLevel::kWarn, "disk full",
                          {{"path", "/a b"}, {"free", 12u}, {"ratio", 0.5}, {"ok", false}, {"kind", "log"}}),
            R"(time=T level=warn message="disk full" path="/a b" free=12 ratio=0.5 ok=false kind=log)");
  EXPECT_EQ(FormatLogLine(LogFormat::kJson, "T", LogLevel::kInfo, "a \"b\"\n", {{"n", -3}, {"s", "x"}}),
            R"({"time":"T","level":"info","message":"a \"b\"\n","n":-3,"s":"x"})");
}

TEST(Problem, IsJsonWhateverItIsTold) {
  const Response response = Problem(422, "bad", "not \xff valid \x01", "fi\"eld");
  EXPECT_EQ(response.body,
            "{\"type\":\"about:blank\",\"title\":\"Unprocessable Content\",\"status\":422,\"code\":\"bad\","
            "\"detail\":\"not \xEF\xBF\xBD valid \\u0001\",\"field\":\"fi\\\"eld\"}");
}

TEST(ResponseHead, LeavesOutHeadersThatWouldSplitIt) {
  Response response;
  response.headers = {{"X-Good", "1"}, {"X-Bad", "1\r\nSet-Cookie: x"}};
  std::string out;
  AppendResponseHead(response, {.date = "now"}, out);
  EXPECT_NE(out.find("X-Good: 1\r\n"), std::string::npos);
  EXPECT_EQ(out.find("Cookie"), std::string::npos);
  EXPECT_EQ(FormatHttpDate(Timestamp(std::chrono::seconds(784111777))), "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST(Access, KnowsTokensByTheirDigests) {
  RoleSet roles;
  roles.Add(Role::kRead);
  const Access access({{"a", Sha256Hex("abc"), roles}});
  EXPECT_EQ(Sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(access.Check("Bearer abc", Role::kRead)->token, "a");
  EXPECT_TRUE(access.Check("bearer abc", Role::kRead));
  EXPECT_EQ(access.Check("", std::nullopt)->token, "");
  EXPECT_EQ(access.Check("Bearer abc", Role::kIngest).error().status, 403);
  for (const char* bad : {"", "abc", "Basic abc", "Bearer", "Bearer ", "Bearer abcd", "Bearer a c"}) {
    EXPECT_EQ(access.Check(bad, Role::kRead).error().status, 401) << bad;
  }
}

TEST(Metrics, CountsUnderBoundedLabels) {
  Metrics metrics;
  metrics.CountRoutes({"/v1/posts"});
  StreamMetrics& stream = metrics.AddStream("");
  stream.posts_accepted.Increment(5);
  stream.CountRejected("missing_author", 2);
  stream.CountRejected("whatever a stranger sent", 3);
  stream.CountEvent(TrendEventType::kPeaked);
  metrics.OnRequest(0, 201, 0.01);
  metrics.OnRequest(ServerObserver::kNoRoute, 404, 0.01);
  metrics.OnSubscriberOpened();
  metrics.OnSubscriberClosed("overflow");
  metrics.OnLimited(LimitKind::kAddressPosts);
  const std::string text = metrics.Text(Exposition::kText);
  for (const char* line :
       {"tagswell_posts_accepted_total 5", "tagswell_posts_rejected_total{code=\"missing_author\"} 2",
        "tagswell_posts_rejected_total{code=\"other\"} 3", "tagswell_events_total{type=\"peaked\"} 1",
        "tagswell_http_requests_total{code=\"2xx\",route=\"/v1/posts\"} 1",
        "tagswell_http_requests_total{code=\"4xx\",route=\"none\"} 1",
        "tagswell_rate_limited_total{limit=\"address_posts_per_second\"} 1",
        "tagswell_rate_limited_total{limit=\"token_requests_per_second\"} 0",
        "tagswell_subscribers_closed_total{reason=\"overflow\"} 1", "tagswell_build_info{"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line;
  }
}

TEST(Metrics, ReplacesTheBoardsAtEachCollection) {
  Metrics metrics;
  StreamMetrics& stream = metrics.AddStream("");
  BoardFigures boards = {.topics = {{"one", 3, 2}, {"two", 2, 1}, {"one", 1, 1}},
                         .trends = {{"country:FR", "one", 1, 2.5, 1'700'000'000}}};
  stream.SetBoards([&] { return boards; });
  const std::string before = metrics.Text(Exposition::kText);
  for (const char* line : {"tagswell_topic_posts{topic=\"two\"} 2", "tagswell_topic_authors{topic=\"two\"} 1",
                           "tagswell_trend_rank{scope=\"country:FR\",topic=\"one\"} 1",
                           "tagswell_trend_score{scope=\"country:FR\",topic=\"one\"} 2.5",
                           "tagswell_trend_started_timestamp_seconds{scope=\"country:FR\",topic=\"one\"} 1700000000"}) {
    EXPECT_NE(before.find(line), std::string::npos) << line;
  }
  boards = {.topics = {{"three", 9, 9}}, .trends = {}};
  const std::string after = metrics.Text(Exposition::kText);
  EXPECT_EQ(after.find("\"one\""), std::string::npos);
  EXPECT_NE(after.find("tagswell_topic_posts{topic=\"three\"} 9"), std::string::npos);
}

TEST(Metrics, TellStreamsApart) {
  Metrics metrics;
  metrics.AddStream("").trends.Set(1);
  StreamMetrics& politics = metrics.AddStream("politics");
  politics.trends.Set(2);
  politics.CountRejected("bad_time", 3);
  politics.SetBoards([] { return BoardFigures{.topics = {{"one", 3, 2}}, .trends = {}}; });
  const std::string text = metrics.Text(Exposition::kText);
  for (const char* line : {"tagswell_trends 1", "tagswell_trends{stream=\"politics\"} 2",
                           "tagswell_posts_rejected_total{code=\"bad_time\"} 0",
                           "tagswell_posts_rejected_total{code=\"bad_time\",stream=\"politics\"} 3",
                           "tagswell_topic_posts{stream=\"politics\",topic=\"one\"} 3"}) {
    EXPECT_NE(text.find(std::string(line) + "\n"), std::string::npos) << line << "\n" << text;
  }
  EXPECT_EQ(text.find("# TYPE tagswell_trends "), text.rfind("# TYPE tagswell_trends "));
}

TEST(Metrics, SpeaksOpenMetrics) {
  Metrics metrics;
  metrics.AddStream("").posts_accepted.Increment(2);
  const std::string text = metrics.Text(Exposition::kOpenMetrics);
  EXPECT_NE(text.find("# TYPE tagswell_posts_accepted counter\ntagswell_posts_accepted_total 2\n"), std::string::npos);
  EXPECT_NE(text.find("# HELP tagswell_posts_accepted New"), std::string::npos);
  EXPECT_NE(text.find("# TYPE tagswell_subscribers gauge\n"), std::string::npos);
  EXPECT_TRUE(text.ends_with("\n# EOF\n"));
}

}  // namespace
}  // namespace tagswell
