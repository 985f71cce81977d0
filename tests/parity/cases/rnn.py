"""Recurrent cells and layers. CudnnRNN and its kin have no CPU kernel: see test_rnn.py."""
from cases import F, case, const, feed

X, C, H = F(2, 3), F(2, 4, low=-1.5), F(2, 4, low=-1.0)
W, B = F(7, 16), F(16)
PEEPHOLES = {"wci": F(4), "wcf": F(4, low=-1.0), "wco": F(4, low=-0.5)}
for options in ({}, {"cell_clip": 0.4}, {"cell_clip": -1.0, "forget_bias": 0.5}, {"use_peephole": True}):
    case("LSTMBlockCell", x=X, cs_prev=C, h_prev=H, w=W, **PEEPHOLES, b=B, **options, _dynamic="")
case("LSTMBlockCell", x=X, cs_prev=C, h_prev=H, w=const(W.value), wci=const([0.0] * 4), wcf=const([0.0] * 4),
     wco=const([0.0] * 4), b=const(B.value))
case("GRUBlockCell", x=X, h_prev=H, w_ru=F(7, 8), w_c=F(7, 4), b_ru=F(8), b_c=F(4), _dynamic="")
case("GRUBlockCell", x=X, h_prev=H, w_ru=const(F(7, 8).value), w_c=const(F(7, 4).value), b_ru=const(F(8).value),
     b_c=const(F(4).value))

LAYER = {"x": F(5, 2, 3), "cs_prev": C, "h_prev": H, "w": const(W.value), **{n: const(p.value) for n, p in PEEPHOLES.items()},
         "b": const(B.value)}
for op, options in (("BlockLSTM", {"forget_bias": 0.7, "cell_clip": -1.0}), ("BlockLSTM", {"cell_clip": 0.6}),
                    ("BlockLSTM", {"use_peephole": True}), ("BlockLSTMV2", {}), ("BlockLSTMV2", {"cell_clip": 0.3}),
                    ("BlockLSTMV2", {"use_peephole": True})):
    case(op, seq_len_max=const(5, "int64"), **LAYER, **options)
# What the kernel leaves in the other outputs behind seq_len_max is not defined.
case("BlockLSTM", seq_len_max=feed(5, "int64"), **LAYER, cell_clip=-1.0)
case("BlockLSTMV2", seq_len_max=feed(5, "int64"), **LAYER)
