#include <nlohmann/json.hpp>

#include "report/report.h"

namespace flowport::report {
namespace {

using Json = nlohmann::ordered_json;

const char* name_of(Fault fault) {
  switch (fault) {
    case Fault::kUsage: return "usage";
    case Fault::kModel: return "model";
    case Fault::kUnsupported: return "unsupported";
    case Fault::kCheck: return "check";
    case Fault::kPlugin: return "plugin";
    case Fault::kInternal: return "internal";
  }
  return "internal";
}

template <typename Items, typename ToJson>
Json array_of(const Items& items, const ToJson& to_json_of) {
  Json array = Json::array();
  for (const auto& item : items) array.push_back(to_json_of(item));
  return array;
}

template <typename Counts>
Json object_of(const Counts& counts) {
  Json object = Json::object();
  for (const auto& [key, value] : counts) object[key] = value;
  return object;
}

Json endpoints(const std::vector<Endpoint>& all) {
  return array_of(all, [](const Endpoint& each) { return Json{{"name", each.name}, {"type", each.type}}; });
}

Json opsets(const Report& report) {
  Json object = Json::object();
  for (const auto& [domain, version] : report.opsets) object[domain.empty() ? "ai.onnx" : domain] = version;
  return object;
}

Json conversion(const Report& report) {
  Json json;
  json["tf_ops"] = object_of(report.tf_ops);
  json["onnx_ops"] = object_of(report.onnx_ops);
  json["dropped"] = object_of(report.dropped);
  json["handlers"] = array_of(report.handlers, [](const HandlerUse& each) {
    return Json{{"op", each.op}, {"handler", each.handler}, {"count", each.count}};
  });
  json["overrides"] = array_of(report.overrides, [](const Override& each) {
    return Json{{"op", each.op}, {"winner", each.winner}, {"loser", each.loser}};
  });
  json["runtime_needs"] = array_of(report.runtime_needs, [](const RuntimeNeed& each) {
    return Json{{"domain", each.domain},
                {"version", each.version},
                {"op", each.op},
                {"library", each.library},
                {"registration", each.registration}};
  });
  return json;
}

Json unsupported(const std::vector<OpProblem>& problems) {
  return array_of(problems, [](const OpProblem& each) {
    return Json{{"op", each.op},
                {"count", each.count},
                {"reason", each.reason},
                {"next", each.next},
                {"places", array_of(each.places, [](const OpProblem::Place& place) {
                   return Json{{"node", place.node}, {"path", place.path}};
                 })}};
  });
}

Json measured(const Report& report) {
  return Json{{"phases", array_of(report.phases,
                                  [](const Phase& each) {
                                    return Json{{"name", each.name}, {"ms", each.ms}};
                                  })},
              {"peak_memory", report.peak_memory}};
}

}  // namespace

std::string to_json(const Report& report) {
  Json json;
  json["schema"] = kSchemaVersion;
  json["version"] = report.version;
  json["model"] = Json{{"path", report.model},
                       {"format", report.format},
                       {"signature", report.signature},
                       {"tags", report.tags},
                       {"inputs", endpoints(report.inputs)},
                       {"outputs", endpoints(report.outputs)}};
  json["target"] = Json{{"id", report.target}, {"opsets", opsets(report)}, {"ir_version", report.ir_version}};
  json["plugins"] = array_of(report.plugins, [](const Plugin& each) {
    return Json{{"id", each.id}, {"version", each.version}, {"path", each.path}};
  });
  json["conversion"] = conversion(report);
  json["warnings"] = array_of(report.warnings, [](const Warning& each) {
    return Json{{"text", each.text}, {"where", each.where}};
  });
  json["unsupported"] = unsupported(report.unsupported);
  json["problems"] = array_of(report.problems, [](const Problem& each) {
    return Json{{"fault", name_of(each.fault)}, {"what", each.what}, {"where", each.where}, {"next", each.next}};
  });
  json["files"] = array_of(report.files, [](const OutputFile& each) {
    return Json{{"path", each.path}, {"bytes", each.bytes}};
  });
  json["measured"] = measured(report);
  // Names come from files, and need not be UTF-8.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace flowport::report
