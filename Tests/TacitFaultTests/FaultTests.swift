import TacitFault
import Testing

/// How users read what is wrong.
@Suite struct FaultTests {
  @Test func placesFromTheOutsideIn() {
    let fault = Fault("model.gguf", "tensor 'a'", expected: "F32", found: "Q9", hint: "convert it")
    #expect(fault.description == "model.gguf: tensor 'a': expected F32, found Q9\n  convert it")
    #expect(fault.within("r.lua:3").position == "r.lua:3: model.gguf: tensor 'a'")
    #expect(Fault(message: "no such file").description == "no such file")
    #expect(Fault(message: "m").within("r.lua:3").description == "r.lua:3: m")
  }

  @Test func linesAndColumns() {
    let fault = Fault(line: 2, column: 7, message: "unexpected character")
    #expect(fault.description == "line 2, column 7: unexpected character")
    #expect(fault.named("a.json").description == "a.json:2:7: unexpected character")
    #expect(fault.within("a.jsonl:9").position == "a.jsonl:9: line 2, column 7")
    #expect(fault.named("a.json").within("b").position == "b: a.json:2:7")
  }

  @Test func optionsGrowOutwards() {
    let fault = Fault(expected: "an integer", found: "1.5")
    let path = fault.below("[2]").below("thoughts").below("modes")
    #expect(path.description == "option 'modes.thoughts[2]': expected an integer, found 1.5")
    #expect(path.within("stage 'x'").position == "stage 'x', option 'modes.thoughts[2]'")
    #expect(path.within("stage 'x'").within("r.lua:3").position.hasPrefix("r.lua:3: stage 'x', op"))
  }

  @Test func furtherFaultsFollow() {
    var fault = Fault("a", message: "one", hint: "h")
    fault.further = [Fault("b", line: 4, message: "two")]
    #expect(fault.description == "a: one\n  h\n\nb:4: two")
  }
}
