#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif
import OrderedCollections
import TacitFault

/// The functions that every template can call.
enum Function: String, CaseIterable {
  case range
  case namespace
  case dict
  case raiseException = "raise_exception"
  case strftimeNow = "strftime_now"
}

extension Interpreter {
  func call(_ function: Function, _ arguments: Arguments) throws(Fault) -> Value {
    var arguments = arguments
    arguments.callee = "'\(function.rawValue)'"
    switch function {
    case .range: return .range(try range(&arguments))
    case .namespace: return makeNamespace(try dictionary(&arguments))
    case .dict: return .dictionary(try dictionary(&arguments))
    case .raiseException:
      let message = try operators.text(of: try arguments.required("message"))
      try arguments.finish()
      throw Fault(message: message, hint: "the template itself raised this")
    case .strftimeNow:
      let format = try arguments.requiredString("format")
      try arguments.finish()
      return .string(try time(format))
    }
  }

  /// At most 100,000 numbers, as in Jinja's sandbox.
  private func range(_ arguments: inout Arguments) throws(Fault) -> ValueRange {
    var bounds: [Int] = []
    for argument in arguments.takeAll().positional {
      guard case .integer(let bound) = Number(argument) else {
        throw arguments.mismatch("stop", "an integer", argument)
      }
      bounds.append(bound)
    }
    guard (1...3).contains(bounds.count) else {
      throw Fault(message: "'range' takes one to three integers")
    }
    let start = bounds.count > 1 ? bounds[0] : 0
    let stop = bounds.count > 1 ? bounds[1] : bounds[0]
    let step = bounds.count > 2 ? bounds[2] : 1
    guard step != 0 else { throw Fault(message: "the step of 'range' is zero") }
    let isEmpty = step > 0 ? start >= stop : start <= stop
    if isEmpty { return ValueRange(start: start, stop: stop, step: step, count: 0) }
    let (distance, overflow) = stop.subtractingReportingOverflow(start)
    let limit = 100_000
    let count = overflow ? Int.max : Int((distance.magnitude - 1) / step.magnitude) + 1
    guard count <= limit else {
      throw Fault(message: "'range' of more than \(limit) numbers")
    }
    return ValueRange(start: start, stop: stop, step: step, count: count)
  }

  /// `dict(…)`: a dictionary or pairs to start from, then named members.
  private func dictionary(_ arguments: inout Arguments) throws(Fault)
    -> ValueDictionary
  {
    var members = OrderedDictionary<DictionaryKey, Value>()
    let (positional, named) = arguments.takeAll()
    guard positional.count <= 1 else {
      throw Fault(message: "too many arguments for \(arguments.callee)")
    }
    if case .dictionary(let dictionary) = positional.first {
      members = dictionary.members
    } else if let pairs = positional.first {
      if case .undefined(let reason) = pairs { throw Fault(message: reason) }
      for pair in try operators.elements(of: pairs) {
        let parts = try operators.elements(of: pair)
        guard parts.count == 2 else {
          throw Fault(message: "\(arguments.callee) takes pairs, found \(parts.count) values")
        }
        members[try DictionaryKey(parts[0])] = parts[1]
      }
    }
    for (name, value) in named { members[DictionaryKey(name)] = value }
    return try ValueDictionary(members)
  }

  private func time(_ format: String) throws(Fault) -> String {
    guard format.utf8.count <= 1_000, !format.utf8.contains(0) else {
      throw Fault(message: "format of over 1,000 bytes or with NUL")
    }
    var seconds = nowSeconds.map { time_t($0) } ?? now()
    var parts = tm()
    guard localtime_r(&seconds, &parts) != nil else {
      throw Fault(message: "the time is out of range")
    }
    // A mark in front tells an empty result from a buffer that is too small.
    var buffer = [CChar](repeating: 0, count: 1 << 16)
    let count = strftime(&buffer, buffer.count, "." + format, &parts)
    guard count > 0 else { throw Fault(message: "the formatted time is too long") }
    return String(decoding: buffer[1..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

/// Seconds since 1970.
private func now() -> time_t { time(nil) }
