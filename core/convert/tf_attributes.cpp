#include "convert/tf_attributes.h"

#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "convert/types.h"
#include "tensorflow/protos/graph.pb.h"

namespace flowport::convert {

namespace {

flowport_str view(const std::string& text) { return {text.data(), text.size()}; }

}  // namespace

std::string attribute_text(const tf::Program& program, const tf::Node& node, std::string_view name) {
  const tf::proto::AttrValue* value = program.attr(node, name);
  if (value == nullptr) return {};
  const auto type_name = [](int type) { return std::string(tf::name_of(static_cast<tf::DataType>(type))); };
  switch (value->value_case()) {
    case tf::proto::AttrValue::kS: return value->s();
    case tf::proto::AttrValue::kI: return std::to_string(value->i());
    case tf::proto::AttrValue::kF: return fmt::format("{}", value->f());
    case tf::proto::AttrValue::kB: return value->b() ? "true" : "false";
    case tf::proto::AttrValue::kType: return type_name(value->type());
    case tf::proto::AttrValue::kFunc: return value->func().name();
    case tf::proto::AttrValue::kList: {
      std::vector<std::string> items;
      for (const auto& item : value->list().s()) items.push_back(item);
      for (const auto item : value->list().i()) items.push_back(std::to_string(item));
      for (const auto item : value->list().f()) items.push_back(fmt::format("{}", item));
      for (const auto item : value->list().b()) items.emplace_back(item ? "true" : "false");
      for (const auto item : value->list().type()) items.push_back(type_name(item));
      return join(items, ",");
    }
    default: return {};
  }
}

std::int32_t TfAttributes::onnx_number(int type) const {
  const auto tf_type = static_cast<tf::DataType>(type);
  return static_cast<std::int32_t>(view_ == View::kPart ? carried(tf_type) : to_onnx(tf_type));
}

template <typename T>
flowport_attr TfAttributes::give(std::uint32_t kind, std::vector<T> items) {
  const auto keep = [&](auto& store) -> const std::vector<T>& { return store.emplace_back(std::move(items)); };
  const std::vector<T>* kept = nullptr;
  if constexpr (std::is_same_v<T, std::int64_t>) kept = &keep(ints_);
  if constexpr (std::is_same_v<T, float>) kept = &keep(floats_);
  if constexpr (std::is_same_v<T, flowport_str>) kept = &keep(strings_);
  if constexpr (std::is_same_v<T, std::int32_t>) kept = &keep(types_);
  if constexpr (std::is_same_v<T, flowport_type>) kept = &keep(shapes_);
  if constexpr (std::is_same_v<T, flowport_tensor>) kept = &keep(tensors_);
  return {{}, kind, static_cast<std::uint32_t>(kept->size()), kept->data()};
}

flowport_attr TfAttributes::get(std::string_view name) {
  const tf::proto::AttrValue* value = program_.attr(node_, name);
  if (value == nullptr) return {};
  const auto shape = [&](const tf::proto::TensorShapeProto& proto) {
    auto& dims = ints_.emplace_back();
    for (const auto& dim : proto.dim()) dims.push_back(dim.size() < 0 ? -1 : dim.size());
    const auto rank = proto.unknown_rank() ? -1 : static_cast<std::int32_t>(dims.size());
    return flowport_type{sizeof(flowport_type), FLOWPORT_UNDEFINED, rank, 0, dims.data()};
  };
  switch (value->value_case()) {
    case tf::proto::AttrValue::kS: return give<flowport_str>(FLOWPORT_ATTR_STRING, {view(value->s())});
    case tf::proto::AttrValue::kI: return give<std::int64_t>(FLOWPORT_ATTR_INT, {value->i()});
    case tf::proto::AttrValue::kF: return give<float>(FLOWPORT_ATTR_FLOAT, {value->f()});
    case tf::proto::AttrValue::kB: return give<std::int64_t>(FLOWPORT_ATTR_INT, {value->b() ? 1 : 0});
    case tf::proto::AttrValue::kType: return give<std::int32_t>(FLOWPORT_ATTR_TYPE, {onnx_number(value->type())});
    case tf::proto::AttrValue::kShape: return give<flowport_type>(FLOWPORT_ATTR_SHAPE, {shape(value->shape())});
    case tf::proto::AttrValue::kFunc: return give<flowport_str>(FLOWPORT_ATTR_STRING, {view(value->func().name())});
    case tf::proto::AttrValue::kTensor: {
      auto tensor = program_.tensor_attr(node_, name);
      if (!tensor) return {};
      const auto& held = held_.emplace_back(*std::move(tensor));
      flowport_tensor given{};
      given.type = {sizeof(flowport_type), static_cast<std::int32_t>(to_onnx(held.dtype)),
                    static_cast<std::int32_t>(held.dims.size()), 0, held.dims.data()};
      given.data = held.bytes.data();
      given.bytes = held.bytes.size();
      if (held.dtype == tf::DataType::kString) {
        std::vector<flowport_str> views;
        for (const auto& text : held.strings) views.push_back(view(text));
        const auto& kept = strings_.emplace_back(std::move(views));
        given.data = kept.data();
        given.bytes = kept.size() * sizeof(flowport_str);
      }
      return give<flowport_tensor>(FLOWPORT_ATTR_TENSOR, {given});
    }
    case tf::proto::AttrValue::kList: {
      const auto& list = value->list();
      if (list.i_size() > 0) {
        return give<std::int64_t>(FLOWPORT_ATTR_INTS, std::vector<std::int64_t>(list.i().begin(), list.i().end()));
      }
      if (list.f_size() > 0)
        return give<float>(FLOWPORT_ATTR_FLOATS, std::vector<float>(list.f().begin(), list.f().end()));
      if (list.b_size() > 0) {
        return give<std::int64_t>(FLOWPORT_ATTR_INTS, std::vector<std::int64_t>(list.b().begin(), list.b().end()));
      }
      if (list.s_size() > 0) {
        std::vector<flowport_str> texts;
        for (const auto& text : list.s()) texts.push_back(view(text));
        return give<flowport_str>(FLOWPORT_ATTR_STRINGS, std::move(texts));
      }
      if (list.type_size() > 0) {
        std::vector<std::int32_t> types;
        for (const auto type : list.type()) types.push_back(onnx_number(type));
        return give<std::int32_t>(FLOWPORT_ATTR_TYPE, std::move(types));
      }
      if (list.shape_size() > 0) {
        std::vector<flowport_type> shapes;
        for (const auto& item : list.shape()) shapes.push_back(shape(item));
        return give<flowport_type>(FLOWPORT_ATTR_SHAPE, std::move(shapes));
      }
      return give<std::int64_t>(FLOWPORT_ATTR_INTS, {});  // an empty list does not say of what
    }
    default: return {};
  }
}

}  // namespace flowport::convert
