import TacitFault
import TacitText

/// Symbols of mathematics whose tokens are read as they are, even in latent mode.
///
/// Source: the authors' code of arXiv:2510.05069. Every token of every symbol counts, which with a
/// small vocabulary takes in many word pieces.
enum MathSymbols {
  private static let characters =
    "0123456789 abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ +-*/^_=<>|()[]{}"

  /// Commands of LaTeX without their backslash.
  private static let commands = """
    alpha beta gamma delta epsilon zeta theta lambda mu nu pi
    arccos arcsin arctan arg cos cot cotg csc deg exp gcd lim ln log max min sec sin tan
    approx equiv geq iff implies leq neq sim to
    cap cup emptyset in notin subset subseteq supset supseteq varnothing
    because exists forall neg therefore vee wedge
    angle ast circ infty parallel perp prime star triangle triangleleft triangleright
    binom cdot cdots choose ddots dfrac dots frac int ldots prod sqrt sqrt[] sum vdots
    boxed mathbb mathbf mathrm mbox operatorname overline text underline
    lceil lfloor mid rceil rfloor vert Vert
    left left( left[ left\\{ right right) right] right\\}
    begin{pmatrix} end{pmatrix}
    """

  /// The ids of all tokens of all symbols.
  /// - Throws: `Fault` for a symbol that the tokenizer cannot encode.
  static func tokenIDs(_ tokenizer: Tokenizer) throws(Fault) -> Set<Int> {
    let symbols =
      characters.filter { $0 != " " }.map { String($0) }
      + commands.split(whereSeparator: \.isWhitespace).map { "\\" + $0 }
    var ids: Set<Int> = []
    for symbol in symbols {
      ids.formUnion(try tokenizer.encode(symbol, addSpecialTokens: false))
    }
    return ids
  }
}
