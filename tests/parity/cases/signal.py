"""Fourier transforms."""
from cases import C, F, case, const, feed

for n in (1, 2, 5, 8, 12, 31):
    case("FFT", input=C(3, n))
    case("IFFT", input=C(3, n))
    case("RFFT", input=F(3, n), fft_length=const([n]))
    case("IRFFT", input=C(3, n // 2 + 1), fft_length=const([n]))
for op in ("FFT", "IFFT"):
    case(op, input=C(9, dtype="complex128"))
    case(op, input=C(0, 5))
    case(op + "2D", input=C(2, 3, 8))
    case(op + "3D", input=C(4, 3, 5))
case("RFFT", input=F(2, 9), fft_length=const([6]))
case("RFFT", input=F(2, 9, dtype="float64"), fft_length=const([9]), Tcomplex="complex128")
case("RFFT", input=F(2, 12), fft_length=feed([10], "int32"))
case("RFFT", input=F(2, 1100), fft_length=const([1100]), _atol=1e-3)
case("IRFFT", input=C(2, 9), fft_length=const([10]))
case("IRFFT", input=C(2, 5, dtype="complex128"), fft_length=const([9]), Treal="float64")
for n in (8, 9):
    case("IRFFT", input=C(2, 5), fft_length=feed([n], "int32"))
case("IRFFT", input=C(2, 551), fft_length=const([1100]))
case("RFFT2D", input=F(2, 4, 6), fft_length=const([4, 6]))
case("RFFT2D", input=F(2, 4, 6), fft_length=const([3, 5]))
case("IRFFT2D", input=C(2, 4, 5), fft_length=const([3, 8]))
case("RFFT3D", input=F(4, 3, 6), fft_length=const([4, 3, 6]))
case("IRFFT3D", input=C(4, 3, 5), fft_length=const([4, 2, 8]))

for squared in (False, True):
    case("AudioSpectrogram", input=F(300, 2), window_size=60, stride=25, magnitude_squared=squared)
case("AudioSpectrogram", input=F(100, 1), window_size=64, stride=36)
case("AudioSpectrogram", input=F(40, 1), window_size=64, stride=36)
case("Mfcc", spectrogram=F(2, 3, 129, low=0, high=4), sample_rate=const(16000), _dynamic="number of bins is not known")
case("Mfcc", spectrogram=F(1, 3, 65, low=0, high=4), sample_rate=const(8000), upper_frequency_limit=3500.0, lower_frequency_limit=100.0,
     filterbank_channel_count=20, dct_coefficient_count=8, _dynamic="number of bins is not known")
